import { createKey } from "./key.ts";
import { accountId, deployment, nameOf, stage } from "./stage.ts";

/** AWS services that may publish alarms and warnings to the topic. */
const PUBLISHERS = [
  "cloudwatch.amazonaws.com",
  "budgets.amazonaws.com",
  ...(deployment.backupRegion === undefined ? [] : ["backup.amazonaws.com"]),
];

/** The topic to which alarms are published; undefined on stages without alarms. */
export const alarmTopic = stage.alarms === "none" ? undefined : createTopic();

function createTopic(): aws.sns.Topic {
  // The topic is not encrypted with a KMS key on tenants: CloudWatch cannot publish under AWS's managed key, and a
  // key of our own costs $1 a month, as much as the rest of an idle tenant. Alarms name a queue or a function and
  // contain no personal data.
  const key =
    stage.alarms === "tenant"
      ? undefined
      : createKey("AlarmsKey", "Messages of the alarm topic", {
          sid: "AlarmsAndBudgets",
          actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
          resources: ["*"],
          principals: [{ type: "Service", identifiers: PUBLISHERS }],
          conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
        });
  const topic = new aws.sns.Topic("Alarms", {
    name: nameOf("alarms", "topic"),
    ...(key === undefined ? {} : { kmsMasterKeyId: key.arn }),
  });
  new aws.sns.TopicPolicy("AlarmsPolicy", {
    arn: topic.arn,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          sid: "AlarmsAndBudgets",
          actions: ["sns:Publish"],
          resources: [topic.arn],
          principals: [{ type: "Service", identifiers: PUBLISHERS }],
          conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
        },
        {
          sid: "OnlyTls",
          effect: "Deny",
          actions: ["sns:Publish"],
          resources: [topic.arn],
          principals: [{ type: "*", identifiers: ["*"] }],
          conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
      ],
    }).json,
  });
  if (deployment.alarmEmail !== undefined)
    new aws.sns.TopicSubscription("AlarmsByMail", {
      topic: topic.arn,
      protocol: "email",
      endpoint: deployment.alarmEmail,
    });
  return topic;
}

type AlarmArgs = Omit<aws.cloudwatch.MetricAlarmArgs, "name" | "alarmDescription" | "alarmActions" | "okActions">;

interface Words {
  /** The fault that the alarm reports, in one sentence. */
  readonly meaning: string;
  /** The file name of the runbook in docs/runbooks, without the extension. */
  readonly runbook: string;
}

/** Creates an alarm whose description contains its meaning and the link to its runbook. */
export function createAlarm(name: string, { meaning, runbook }: Words, args: AlarmArgs): aws.cloudwatch.MetricAlarm {
  const actions = alarmTopic === undefined ? [] : [alarmTopic.arn];
  return new aws.cloudwatch.MetricAlarm(name, {
    name: nameOf(kebab(name), "alarm"),
    alarmDescription: `${meaning} Runbook: ${deployment.runbooksUrl}/${runbook}.md`,
    treatMissingData: "notBreaching",
    alarmActions: actions,
    okActions: actions,
    ...args,
  });
}

const kebab = (name: string) => name.replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
