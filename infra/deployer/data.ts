import { type DeployerScope, type GrantStatement, allow, crud, wordsOf } from "./statement.ts";

/** Statements for buckets, secrets, keys, logs, alarms and topics. */
export function onData(scope: DeployerScope): Readonly<Record<string, readonly GrantStatement[]>> {
  const { app, stage } = scope;
  const { own, arn, made, tagged } = wordsOf(scope);
  const storage = [
    allow(
      "Buckets",
      [
        "s3:CreateBucket",
        "s3:DeleteBucket",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:Get*",
        ...["CORS", "Logging", "OwnershipControls", "Policy", "PublicAccessBlock", "Tagging", "Versioning"].map(
          (thing) => `s3:PutBucket${thing}`,
        ),
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:DeleteBucketPolicy",
      ],
      [`arn:aws:s3:::${own}`],
    ),
    allow("NewMalwareProtection", ["guardduty:CreateMalwareProtectionPlan", "guardduty:TagResource"], ["*"], made),
    allow(
      "MalwareProtection",
      [
        ...["Get", "Update", "Delete"].map((verb) => `guardduty:${verb}MalwareProtectionPlan`),
        "guardduty:ListTagsForResource",
      ],
      [arn("guardduty", "malware-protection-plan/*")],
      tagged,
    ),
    // The deployer writes the app's files and may not read or write evidence.
    allow(
      "FilesOfTheApp",
      ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:DeleteObjectVersion"],
      [`arn:aws:s3:::${app}-${stage}-appfilesbucket*/*`],
    ),
    allow(
      "StateOfSst",
      ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetBucketLocation"],
      [
        "arn:aws:s3:::sst-state-*",
        `arn:aws:s3:::sst-state-*/*/${app}/${stage}*`,
        "arn:aws:s3:::sst-asset-*",
        "arn:aws:s3:::sst-asset-*/*",
      ],
    ),
    allow(
      "SecretsOfSst",
      ["ssm:GetParameter", "ssm:GetParameters", "ssm:PutParameter", "ssm:DeleteParameter", "ssm:AddTagsToResource"],
      [
        arn("ssm", `parameter/sst/passphrase/${app}/${stage}`),
        arn("ssm", "parameter/sst/bootstrap"),
        arn("ssm", `parameter/${app}-dev-guests`),
        arn("ssm", `parameter/${app}-${stage}-guests`),
      ],
    ),
    allow(
      "Passwords",
      [
        ...crud("secretsmanager", ["Secret"], ["Create", "Delete", "Describe", "Update"]),
        "secretsmanager:PutSecretValue",
        "secretsmanager:GetSecretValue",
        "secretsmanager:GetResourcePolicy",
        "secretsmanager:TagResource",
      ],
      [arn("secretsmanager", `secret:${own}`)],
    ),
    allow("NewKeys", ["kms:CreateKey", "kms:TagResource"], ["*"], made),
    allow(
      "Keys",
      [
        "kms:DescribeKey",
        "kms:EnableKeyRotation",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListResourceTags",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
      ],
      [arn("kms", "key/*")],
      tagged,
    ),
  ];
  const watching = [
    allow(
      "Logs",
      [
        ...crud("logs", ["LogGroup", "RetentionPolicy", "MetricFilter"], ["Delete"]),
        "logs:CreateLogGroup",
        "logs:PutRetentionPolicy",
        "logs:PutMetricFilter",
        "logs:TagResource",
        "logs:ListTagsForResource",
      ],
      ["/aws/lambda/", "/aws/rds/cluster/", "/vpc/", "aws-waf-logs-"].flatMap((prefix) => [
        arn("logs", `log-group:${prefix}${own}`),
        arn("logs", `log-group:${prefix}${own}`, "us-east-1"),
      ]),
    ),
    allow(
      "LogDeliveries",
      [
        ...crud("logs", ["Delivery", "DeliverySource", "DeliveryDestination"], ["Get", "Delete"]),
        "logs:CreateDelivery",
        "logs:PutDeliverySource",
        "logs:PutDeliveryDestination",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeMetricFilters",
      ],
      ["*"],
    ),
    allow(
      "Alarms",
      [
        "PutMetricAlarm",
        "DeleteAlarms",
        "DescribeAlarms",
        "PutDashboard",
        "GetDashboard",
        "DeleteDashboards",
        "TagResource",
        "ListTagsForResource",
      ].map((name) => `cloudwatch:${name}`),
      [arn("cloudwatch", `alarm:${own}`), arn("cloudwatch", `dashboard/${own}`, "")],
    ),
    allow("AlarmsThatRing", ["cloudwatch:DescribeAlarms"], [arn("cloudwatch", "alarm:*")]),
    allow(
      "Topics",
      [
        "CreateTopic",
        "DeleteTopic",
        "GetTopicAttributes",
        "SetTopicAttributes",
        "Subscribe",
        "TagResource",
        "ListTagsForResource",
      ].map((name) => `sns:${name}`),
      [arn("sns", own)],
    ),
    allow("Subscriptions", ["sns:GetSubscriptionAttributes", "sns:Unsubscribe"], [arn("sns", `${own}:*`)]),
    allow(
      "Budgets",
      ["budgets:ViewBudget", "budgets:ModifyBudget", "budgets:TagResource"],
      [arn("budgets", `budget/${own}`, "")],
    ),
    // The first deployment with backups needs a person's permissions, which include the use of AWS's keys that
    // encrypt backups.
    allow(
      "Backups",
      [
        ...crud("backup", ["BackupVault", "BackupPlan", "BackupSelection"], ["Create", "Delete"]),
        "backup:DescribeBackupVault",
        ...crud("backup", ["BackupPlan", "BackupSelection", "BackupVaultNotifications"], ["Get"]),
        "backup:ListTags",
        "backup:PutBackupVaultNotifications",
        "backup:TagResource",
        "backup:UpdateBackupPlan",
      ],
      [`arn:aws:backup:*:${scope.accountId}:backup-vault:${own}`, arn("backup", "backup-plan:*")],
    ),
    allow("Quotas", ["servicequotas:GetServiceQuota"], ["*"]),
  ];
  return { storage, watching };
}
