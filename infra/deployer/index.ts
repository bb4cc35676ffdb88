import { onCompute } from "./compute.ts";
import { onData } from "./data.ts";
import { onEdge } from "./edge.ts";
import { onNetwork } from "./network.ts";
import { type DeployerScope, type GrantStatement, crud } from "./statement.ts";

export type { DeployerScope };

/**
 * What the deployer of a stage may do, in groups that each fit into one managed policy (6,144 characters). SST tags all that it makes with
 * `sst:stage`: things are made with that tag, and changed or removed where they have it. What knows no tags is named by its prefix.
 */
export function deployerPolicies(scope: DeployerScope): Readonly<Record<string, readonly GrantStatement[]>> {
  return {
    ...onCompute(scope),
    ...onData(scope),
    ...onEdge(scope),
    ...(scope.hasNetwork ? onNetwork(scope) : {}),
  };
}

/** What no role of a stage may do, whatever its own policies say: they are made by a program that people who push code control. */
export function boundaryStatements({
  app,
  stage,
  accountId,
}: Pick<DeployerScope, "app" | "stage" | "accountId">): GrantStatement[] {
  const own = `${app}-${stage}-*`;
  return [
    {
      Sid: "WhatFunctionsDo",
      Effect: "Allow",
      Action: [
        ...[
          "CreateLogGroup",
          "CreateLogStream",
          "PutLogEvents",
          "DescribeLogStreams",
          "CreateLogDelivery",
          "GetLogDelivery",
          "UpdateLogDelivery",
          "DeleteLogDelivery",
          "ListLogDeliveries",
        ].map((name) => `logs:${name}`),
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "ses:SendEmail",
        ...crud("ec2", ["NetworkInterface"], ["Create", "Delete"]),
        ...crud("ec2", ["PrivateIpAddresses"], ["Assign", "Unassign"]),
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "cloudwatch:DescribeAlarms",
        // Session Manager, the only way into a NAT instance.
        "ssm:UpdateInstanceInformation",
        ...crud("ssmmessages", ["ControlChannel", "DataChannel"], ["Create", "Open"]),
      ],
      Resource: ["*"],
    },
    {
      Sid: "OnWhatIsTheStages",
      Effect: "Allow",
      Action: [
        "s3:GetObject*",
        "s3:PutObject*",
        "s3:DeleteObject*",
        "s3:ListBucket*",
        "s3:*BucketNotification",
        "sqs:*Message*",
        "sqs:GetQueueAttributes",
        "lambda:InvokeFunction",
        "lambda:GetAlias",
        "lambda:UpdateAlias",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:UpdateEventSourceMapping",
        "lambda:GetEventSourceMapping",
      ],
      Resource: [
        `arn:aws:s3:::${own}`,
        `arn:aws:sqs:*:${accountId}:${own}`,
        `arn:aws:lambda:*:${accountId}:function:${own}`,
        `arn:aws:lambda:*:${accountId}:event-source-mapping:*`,
      ],
    },
    // The role of GuardDuty, which makes a rule of its own to see new objects (infra/malware.ts).
    {
      Sid: "RulesOfGuardDuty",
      Effect: "Allow",
      Action: [...crud("events", ["Rule"], ["Put", "Delete", "Describe"]), "events:*Targets*"],
      Resource: [`arn:aws:events:*:${accountId}:rule/DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*`],
    },
    {
      Sid: "NeverAdministration",
      Effect: "Deny",
      Action: ["iam:*", "organizations:*", "account:*", "sts:AssumeRole"],
      Resource: ["*"],
    },
  ];
}
