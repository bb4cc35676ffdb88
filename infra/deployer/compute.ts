import { type DeployerScope, type GrantStatement, allow, crud, wordsOf } from "./statement.ts";

/** Statements for functions, queues, schedules and releases, and for roles within the boundary. */
export function onCompute(scope: DeployerScope): Readonly<Record<string, readonly GrantStatement[]>> {
  const { app, stage, boundaryArn, deployerArn } = scope;
  const { own, arn } = wordsOf(scope);
  const compute = [
    allow(
      "Functions",
      [
        ...crud("lambda", ["Function", "Alias", "FunctionUrlConfig"], ["Create", "Delete"]),
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
        "lambda:UpdateAlias",
        "lambda:UpdateFunctionUrlConfig",
        "lambda:PublishVersion",
        "lambda:AddPermission",
        "lambda:RemovePermission",
        ...crud("lambda", ["FunctionConcurrency", "FunctionEventInvokeConfig"], ["Put", "Delete"]),
        ...crud("lambda", ["ProvisionedConcurrencyConfig"], ["Put", "Delete"]),
        "lambda:TagResource",
        "lambda:UntagResource",
        // `gotong release` runs the migrations and the stage's own command line by invoking functions.
        "lambda:InvokeFunction",
        "lambda:GetFunction",
        "lambda:EnableReplication*",
      ],
      [arn("lambda", `function:${own}`), arn("lambda", `function:${own}`, "us-east-1")],
    ),
    allow("Triggers", crud("lambda", ["EventSourceMapping"], ["Create", "Update", "Delete"]), ["*"], {
      ArnLike: { "lambda:FunctionArn": arn("lambda", `function:${own}`) },
    }),
    allow(
      "Queues",
      ["CreateQueue", "DeleteQueue", "SetQueueAttributes", "TagQueue", "UntagQueue"].map((name) => `sqs:${name}`),
      [arn("sqs", own)],
    ),
    allow("Schedules", crud("scheduler", ["Schedule"], ["Create", "Update", "Delete"]), [
      arn("scheduler", `schedule/default/${own}`),
    ]),
    allow(
      "Events",
      ["PutRule", "DeleteRule", "PutTargets", "RemoveTargets", "TagResource"].map((name) => `events:${name}`),
      [arn("events", `rule/${own}`)],
    ),
    allow(
      "Releases",
      [
        ...crud("codedeploy", ["Application", "DeploymentGroup"], ["Create", "Update", "Delete", "Get"]),
        ...crud("codedeploy", ["Deployment"], ["Create", "Get", "Stop"]),
        "codedeploy:GetDeploymentConfig",
        "codedeploy:RegisterApplicationRevision",
        "codedeploy:GetApplicationRevision",
        "codedeploy:TagResource",
        "codedeploy:ListTagsForResource",
      ],
      [
        arn("codedeploy", `application:${own}`),
        arn("codedeploy", `deploymentgroup:${own}`),
        arn("codedeploy", "deploymentconfig:*"),
      ],
    ),
    allow(
      "Reading",
      [
        "lambda:Get*",
        "lambda:List*",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ListQueueTags",
        "scheduler:GetSchedule",
        "events:DescribeRule",
        "events:ListTargetsByRule",
        "events:ListTagsForResource",
        ...crud("ec2", ["Vpcs", "Subnets", "SecurityGroups", "Addresses", "AvailabilityZones"], ["Describe"]),
      ],
      ["*"],
    ),
  ];
  const roles = [
    allow(
      "RolesWithinTheBoundary",
      ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"],
      [arn("iam", `role/${own}`, "")],
      { StringEquals: { "iam:PermissionsBoundary": boundaryArn } },
    ),
    allow(
      "RolesOfTheStage",
      [
        "iam:GetRole",
        "iam:DeleteRole",
        "iam:UpdateRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:GetRolePolicy",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:ListRolePolicies",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
      ],
      [arn("iam", `role/${own}`, "")],
    ),
    allow(
      "RolesOfMachines",
      [
        ...crud("iam", ["InstanceProfile"], ["Create", "Delete", "Get"]),
        "iam:AddRoleToInstanceProfile",
        "iam:RemoveRoleFromInstanceProfile",
      ],
      [arn("iam", `instance-profile/${own}`, "")],
    ),
    allow("RolesToServices", ["iam:PassRole"], [arn("iam", `role/${own}`, "")], {
      StringEquals: {
        "iam:PassedToService": [
          "lambda.amazonaws.com",
          "backup.amazonaws.com",
          "edgelambda.amazonaws.com",
          "scheduler.amazonaws.com",
          "malware-protection-plan.guardduty.amazonaws.com",
          "codedeploy.amazonaws.com",
          "vpc-flow-logs.amazonaws.com",
          "ec2.amazonaws.com",
        ],
      },
    }),
    {
      Sid: "NeverItself",
      Effect: "Deny" as const,
      Action: [
        "Add",
        "Attach",
        "Create",
        "Delete",
        "Detach",
        "Pass",
        "Put",
        "Remove",
        "Set",
        "Tag",
        "Untag",
        "Update",
      ].map((verb) => `iam:${verb}*`),
      Resource: [deployerArn, boundaryArn, arn("iam", `policy/${app}-${stage}-deployer-*`, "")],
    },
    {
      Sid: "NeverWithoutTheBoundary",
      Effect: "Deny" as const,
      Action: ["iam:DeleteRolePermissionsBoundary"],
      Resource: ["*"],
    },
  ];
  return { compute, roles };
}
