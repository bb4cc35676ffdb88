import { RETENTION_DAYS } from "./retention.ts";
import { accountId, nameOf, region, stage } from "./stage.ts";

/** Number of days for which evidence is kept: seven years (platform.md §2, retention), leap days included. */
const EVIDENCE_DAYS = 2557;
/**
 * Lifecycle rule for files with malware (core/src/domain/evidence/malware.ts), which stay for operators until the rule
 * deletes them.
 */
const QUARANTINE: Rule = {
  id: "quarantine",
  status: "Enabled",
  filter: { tag: { key: "quarantine", value: "malware" } },
  expiration: { days: 90 },
};
const isKept = stage.removal === "retain";

/** Access logs of the evidence bucket and of CloudFront. */
export const logBucket = new sst.aws.Bucket("AccessLogs", {
  versioning: true,
  cors: false,
  lifecycle: [{ id: "expire", expiresIn: `${RETENTION_DAYS[stage.logRetention]} days` }],
  policy: [writesOf("logging.s3.amazonaws.com", "s3/*"), writesOf("delivery.logs.amazonaws.com", "cdn/*")],
  transform: {
    bucket: { forceDestroy: !isKept },
    lifecycle: (args) => withCleanUp(args, 1),
  },
});

export const evidenceBucket = new sst.aws.Bucket("EvidenceBucket", {
  versioning: true,
  cors: false, // app.ts sets the rule, since it contains the app's own origin
  lifecycle: [{ id: "expire", expiresIn: `${EVIDENCE_DAYS} days` }],
  transform: {
    bucket: {
      forceDestroy: !isKept,
      objectLockEnabled: stage.hasObjectLock,
      // The name is fixed: if a former bucket with evidence exists, the deployment fails instead of starting with an
      // empty one.
      ...(isKept ? { bucket: $interpolate`${nameOf("evidence", "bucketOfAccount")}-${accountId}` } : {}),
    },
    lifecycle: (args) =>
      withCleanUp(args, 30, QUARANTINE, {
        id: "cool",
        status: "Enabled",
        filter: { objectSizeGreaterThan: 128 * 1024 }, // smaller objects are billed as 128 KB in these storage classes
        transitions: [
          { days: 90, storageClass: "STANDARD_IA" },
          { days: 365, storageClass: "GLACIER_IR" }, // objects are still available at once
        ],
      }),
  },
});

/** The origin of the URLs that the API signs, with which browsers upload and read evidence. */
export const storageOrigin = $interpolate`https://${evidenceBucket.name}.s3.${stage.egress === "ipv6" ? "dualstack." : ""}${region}.amazonaws.com`;

/**
 * The bucket with the files of the app (packages/web). Each deployment uploads them, so nothing in it must outlive
 * the stage.
 */
export const appBucket = new sst.aws.Bucket(
  "AppFiles",
  {
    versioning: true,
    cors: false,
    policy: [
      {
        effect: "allow",
        principals: [{ type: "service", identifiers: ["cloudfront.amazonaws.com"] }],
        actions: ["s3:GetObject"],
        paths: ["*"],
        // Allows any distribution of this account: a distribution needs the bucket before the bucket's policy can
        // name it.
        conditions: [
          {
            test: "ArnLike",
            variable: "aws:SourceArn",
            values: [$interpolate`arn:aws:cloudfront::${accountId}:distribution/*`],
          },
        ],
      },
    ],
    transform: { bucket: { forceDestroy: true } },
  },
  { retainOnDelete: false },
);
new aws.s3.BucketLifecycleConfiguration("AppFilesLifecycle", { bucket: appBucket.name, rules: [cleanUp(30)] });

for (const [name, bucket] of [
  ["AccessLogs", logBucket],
  ["Evidence", evidenceBucket],
  ["AppFiles", appBucket],
] as const) {
  new aws.s3.BucketServerSideEncryptionConfiguration(`${name}Encryption`, {
    bucket: bucket.name,
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, bucketKeyEnabled: true }],
  });
  new aws.s3.BucketOwnershipControls(`${name}Ownership`, {
    bucket: bucket.name,
    rule: { objectOwnership: "BucketOwnerEnforced" },
  });
}

// S3 checks that it may write into the target bucket, so the bucket's policy must exist first.
new aws.s3.BucketLogging(
  "EvidenceLogging",
  { bucket: evidenceBucket.name, targetBucket: logBucket.name, targetPrefix: "s3/" },
  { dependsOn: [logBucket] },
);
new aws.s3.BucketLogging(
  "AppLogging",
  { bucket: appBucket.name, targetBucket: logBucket.name, targetPrefix: "s3/" },
  { dependsOn: [logBucket] },
);

function writesOf(service: string, path: string) {
  return {
    effect: "allow" as const,
    principals: [{ type: "service" as const, identifiers: [service] }],
    actions: ["s3:PutObject"],
    paths: [path],
    conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
  };
}

type Lifecycle = aws.s3.BucketLifecycleConfigurationArgs;
type Rule = aws.types.input.s3.BucketLifecycleConfigurationRule;

/**
 * Adds rules that delete old versions and abandoned uploads, which SST's lifecycle rules do not support, and the
 * rules of `more`.
 */
function withCleanUp(args: Lifecycle, oldVersionDays: number, ...more: Rule[]): undefined {
  args.rules = $output(args.rules ?? []).apply((rules) => [...rules, ...more, cleanUp(oldVersionDays)]);
}

function cleanUp(oldVersionDays: number): Rule {
  return {
    id: "clean-up",
    status: "Enabled",
    filter: {},
    noncurrentVersionExpiration: { noncurrentDays: oldVersionDays },
    abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
  };
}
