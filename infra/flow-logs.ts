import { vpc } from "./network.ts";
import { accountId, nameOf, stage } from "./stage.ts";
import { RETENTION_DAYS } from "./retention.ts";

const group = new aws.cloudwatch.LogGroup("FlowLogs", {
  name: `/vpc/${nameOf("flow-logs", "logGroup")}`,
  retentionInDays: RETENTION_DAYS[stage.logRetention],
});

const role = new aws.iam.Role("FlowLogsRole", {
  name: nameOf("flow-logs", "role"),
  assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        actions: ["sts:AssumeRole"],
        principals: [{ type: "Service", identifiers: ["vpc-flow-logs.amazonaws.com"] }],
        conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
      },
    ],
  }).json,
  inlinePolicies: [
    {
      name: "write",
      policy: aws.iam.getPolicyDocumentOutput({
        statements: [
          {
            actions: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            resources: [$interpolate`${group.arn}:*`],
          },
        ],
      }).json,
    },
  ],
});

new aws.ec2.FlowLog("VpcFlowLog", {
  vpcId: vpc.id,
  // Rejected connections reveal scans and wrong rules; logging accepted connections of a busy VPC is too expensive
  // outside of production.
  trafficType: stage.kind === "production" ? "ALL" : "REJECT",
  logDestination: group.arn,
  iamRoleArn: role.arn,
  maxAggregationInterval: 600,
});
