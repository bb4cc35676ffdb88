import { CloudFrontClient, ListDistributionsCommand } from "@aws-sdk/client-cloudfront";
import { DescribeAddressesCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ListSubscriptionsByTopicCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { type Account, QUOTAS, type Quota } from "./needs.ts";

interface Tagged {
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
}

/** The requests that `gotong doctor --aws` sends to an AWS account. */
export interface AccountSource {
  limitOf(quota: Quota): Promise<number>;
  /** Returns every VPC of the region, with its tags. */
  vpcs(): Promise<readonly Tagged[]>;
  addresses(): Promise<readonly Tagged[]>;
  hasDistributions(): Promise<boolean>;
  /** Returns the recipients of a topic, by its name; undefined if there is no such topic. */
  recipientsOf(topicName: string): Promise<readonly Recipient[] | undefined>;
}

interface Recipient {
  readonly address: string;
  /** False until the recipient has opened the link in AWS's first mail. Until then AWS sends no alarms. */
  readonly isConfirmed: boolean;
}

/**
 * Reads the quotas of an account and their usage by resources other than the stage's.
 * @throws Error of AWS, with the action that is not allowed
 */
export async function readAccount(source: AccountSource, app: string, stage: string): Promise<Account> {
  const isOwn = ({ Tags = [] }: Tagged) =>
    [
      ["sst:app", app],
      ["sst:stage", stage],
    ].every(([key, value]) => Tags.some((tag) => tag.Key === key && tag.Value === value));
  const foreign = (all: readonly Tagged[]) => all.filter((each) => !isOwn(each)).length;
  const [concurrency, elasticIps, vpcs] = [
    await source.limitOf("concurrency"),
    await source.limitOf("elasticIps"),
    await source.limitOf("vpcs"),
  ];
  return {
    limits: { concurrency, elasticIps, vpcs },
    used: { concurrency: 0, elasticIps: foreign(await source.addresses()), vpcs: foreign(await source.vpcs()) },
    hasDistributions: await source.hasDistributions(),
  };
}

/** Returns the problems of the recipients of a stage's alarms; an empty list if the stage is not deployed yet. */
export async function problemsOfRecipients(source: AccountSource, topicName: string): Promise<string[]> {
  const recipients = await source.recipientsOf(topicName);
  if (recipients === undefined) return [];
  if (recipients.length === 0)
    return ["its alarms have no recipient: set GOTONG_ALARM_EMAIL and deploy, then confirm the mail of AWS"];
  return recipients
    .filter(({ isConfirmed }) => !isConfirmed)
    .map(
      ({ address }) =>
        `${address} gets no alarms yet: open the link of the mail "AWS Notification - Subscription Confirmation", which came with the deployment (it works for three days; after that remove the subscription in the SNS console and deploy)`,
    );
}

/** Reads from AWS, with the region and the credentials of the environment. */
export function awsAccount(): AccountSource {
  const quotas = new ServiceQuotasClient();
  const ec2 = new EC2Client();
  // CloudFront has a single endpoint, in us-east-1.
  const cloudFront = new CloudFrontClient({ region: "us-east-1" });
  const sns = new SNSClient();
  return {
    async limitOf(quota) {
      const { service, code, name } = QUOTAS[quota];
      const answer = await quotas.send(new GetServiceQuotaCommand({ ServiceCode: service, QuotaCode: code }));
      const value = answer.Quota?.Value;
      if (value === undefined) throw new Error(`Service Quotas does not know "${name}" (${service} ${code})`);
      return value;
    },
    // Both calls return up to a thousand entries without paging, far above any quota.
    vpcs: async () => (await ec2.send(new DescribeVpcsCommand({}))).Vpcs ?? [],
    addresses: async () => (await ec2.send(new DescribeAddressesCommand({}))).Addresses ?? [],
    hasDistributions: async () =>
      ((await cloudFront.send(new ListDistributionsCommand({ MaxItems: 1 }))).DistributionList?.Quantity ?? 0) > 0,
    async recipientsOf(topicName) {
      const topicArn = await topicOf(sns, topicName);
      if (topicArn === undefined) return undefined;
      const recipients: Recipient[] = [];
      let next: string | undefined;
      do {
        const answer = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn, NextToken: next }));
        for (const { Endpoint = "", SubscriptionArn = "" } of answer.Subscriptions ?? [])
          recipients.push({ address: Endpoint, isConfirmed: SubscriptionArn.startsWith("arn:") });
        next = answer.NextToken;
      } while (next !== undefined);
      return recipients;
    },
  };
}

async function topicOf(sns: SNSClient, name: string): Promise<string | undefined> {
  let next: string | undefined;
  do {
    const answer = await sns.send(new ListTopicsCommand({ NextToken: next }));
    const found = (answer.Topics ?? []).find(({ TopicArn = "" }) => TopicArn.endsWith(`:${name}`));
    if (found?.TopicArn !== undefined) return found.TopicArn;
    next = answer.NextToken;
  } while (next !== undefined);
  return undefined;
}
