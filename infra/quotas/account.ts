import { CloudFrontClient, ListDistributionsCommand } from "@aws-sdk/client-cloudfront";
import { DescribeAddressesCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { type Account, QUOTAS, type Quota } from "./needs.ts";

interface Tagged {
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
}

/** The requests of `gotong doctor --aws` to an account. */
export interface AccountSource {
  limitOf(quota: Quota): Promise<number>;
  /** Every VPC and every elastic address of the region, with its tags. */
  vpcs(): Promise<readonly Tagged[]>;
  addresses(): Promise<readonly Tagged[]>;
  hasDistributions(): Promise<boolean>;
}

/** The account, as a stage of the app sees it. @throws Error of AWS, with the action that is not allowed */
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

/** AWS, with the region and the credentials of the environment. */
export function awsAccount(): AccountSource {
  const quotas = new ServiceQuotasClient();
  const ec2 = new EC2Client();
  // CloudFront has one endpoint, in us-east-1.
  const cloudFront = new CloudFrontClient({ region: "us-east-1" });
  return {
    async limitOf(quota) {
      const { service, code, name } = QUOTAS[quota];
      const answer = await quotas.send(new GetServiceQuotaCommand({ ServiceCode: service, QuotaCode: code }));
      const value = answer.Quota?.Value;
      if (value === undefined) throw new Error(`Service Quotas does not know "${name}" (${service} ${code})`);
      return value;
    },
    // Neither is paged below a thousand, far above any quota.
    vpcs: async () => (await ec2.send(new DescribeVpcsCommand({}))).Vpcs ?? [],
    addresses: async () => (await ec2.send(new DescribeAddressesCommand({}))).Addresses ?? [],
    hasDistributions: async () =>
      ((await cloudFront.send(new ListDistributionsCommand({ MaxItems: 1 }))).DistributionList?.Quantity ?? 0) > 0,
  };
}
