import { onCompute } from "./compute.ts";
import { onData } from "./data.ts";
import { onEdge } from "./edge.ts";
import { onNetwork } from "./network.ts";
import { type DeployerScope, type GrantStatement, crud } from "./statement.ts";

export type { DeployerScope };

/**
 * Returns the permissions of a stage's deployer, in groups that each fit into one managed policy (6,144 characters).
 * SST tags every resource that it creates with `sst:stage`: the deployer may create resources with that tag, and
 * change or remove resources that have it. Resources without tags are matched by the prefix of their names.
 */
export function deployerPolicies(scope: DeployerScope): Readonly<Record<string, readonly GrantStatement[]>> {
  return {
    ...onCompute(scope),
    ...onData(scope),
    ...onEdge(scope),
    ...(scope.hasNetwork ? onNetwork(scope) : {}),
  };
}

/**
 * Returns the permissions boundary of every role of a stage. The deployed code defines the policies of these roles, so
 * anyone who may push code can change them. No role has more permissions than this boundary, whatever its policies
 * allow.
 */
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
        // Session Manager is the only access to a NAT instance.
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
    // GuardDuty's role creates its own EventBridge rule, by which it detects new objects (infra/malware.ts).
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
