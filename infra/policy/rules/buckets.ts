import { allowed, statementsOf } from "../document.ts";
import { at, isNamed, list, number, type Resource, text } from "../resource.ts";
import { each, keptStages, of, type Rule, together } from "../rule.ts";

const CDN = "aws:cloudfront/distribution:Distribution";
const BUCKET = "aws:s3/bucket:Bucket";
const BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";
const ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls";
const LOGGING = "aws:s3/bucketLogging:BucketLogging";
const LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";

/** Finds buckets without a companion resource of `type` that satisfies `isEnough`. */
const without =
  (type: string, isEnough: (companion: Resource) => boolean = () => true): Rule["offenders"] =>
  (resources) =>
    of(resources, BUCKET).filter(
      (bucket) => !of(resources, type).some((one) => isNamed(bucket, at(one, "bucket")) && isEnough(one)),
    );
const receivesLogs = (bucket: Resource, resources: readonly Resource[]) =>
  of(resources, LOGGING).some((one) => isNamed(bucket, at(one, "targetBucket")));
/**
 * Returns whether CloudFront serves the objects of a bucket. Such objects are files that each deployment uploads, not
 * data.
 */
const isServed = (bucket: Resource, resources: readonly Resource[]) => {
  const name = text(bucket.outputs, "bucket") || text(bucket, "bucket");
  return of(resources, CDN).some((cdn) =>
    list(cdn, "origins").some((origin) => text(origin, "domainName").startsWith(`${name}.s3.`)),
  );
};
const enabledRules = (lifecycle: Resource) =>
  list(lifecycle, "rules").filter((rule) => text(rule, "status") === "Enabled");
const algorithms = (encryption: Resource) =>
  list(encryption, "rules").map((rule) => text(rule, "applyServerSideEncryptionByDefault.sseAlgorithm"));

export const buckets: readonly Rule[] = [
  together({
    id: "bucket-has-public-access-block",
    says: "Every bucket has a public access block",
    source: "checkov CKV2_AWS_6, prowler s3_bucket_level_public_access_block",
    types: [BUCKET],
    offenders: without(BLOCK),
  }),
  together({
    id: "bucket-is-versioned",
    says: "Every bucket keeps versions",
    source: "checkov CKV_AWS_21, prowler s3_bucket_object_versioning",
    types: [BUCKET],
    offenders: without(VERSIONING, (one) => text(one, "versioningConfiguration.status") === "Enabled"),
  }),
  together({
    id: "bucket-is-encrypted",
    says: "Every bucket names its encryption",
    source: "checkov CKV_AWS_19, prowler s3_bucket_default_encryption, sst-notes §12 S4",
    types: [BUCKET],
    offenders: without(ENCRYPTION, (one) => algorithms(one).some((name) => /^(AES256|aws:kms)/.test(name))),
  }),
  together({
    id: "bucket-demands-tls",
    says: "Every bucket denies requests without TLS",
    source: "checkov CKV_AWS_379, prowler s3_bucket_secure_transport_policy",
    types: [BUCKET],
    offenders: without(POLICY, (one) =>
      statementsOf(at(one, "policy")).some(
        ({ Effect, Condition, Action }) =>
          Effect === "Deny" && Action.includes("s3:*") && at(Condition, "Bool.aws:SecureTransport") === "false",
      ),
    ),
  }),
  together({
    id: "bucket-has-no-acls",
    says: "Every object belongs to the owner of its bucket, and ACLs are off",
    source: "checkov CKV2_AWS_65, prowler s3_bucket_acl_prohibited",
    types: [BUCKET],
    offenders: without(OWNERSHIP, (one) => text(one, "rule.objectOwnership") === "BucketOwnerEnforced"),
  }),
  together({
    id: "bucket-access-is-logged",
    says: "Every bucket has access logs, except the bucket of those logs",
    source: "checkov CKV_AWS_18, prowler s3_bucket_server_access_logging_enabled",
    types: [BUCKET],
    offenders: (resources, context) =>
      without(LOGGING)(resources, context).filter((bucket) => !receivesLogs(bucket, resources)),
  }),
  together({
    id: "bucket-has-lifecycle",
    says: "Every bucket of data says when its objects end",
    source: "checkov CKV2_AWS_61, prowler s3_bucket_lifecycle_enabled, sst-notes §12 S9",
    types: [BUCKET],
    offenders: (resources, context) =>
      without(LIFECYCLE, (one) =>
        enabledRules(one).some((rule) => number(rule, "expiration.days") > 0 && at(rule, "filter.tag") === undefined),
      )(resources, context).filter((bucket) => !isServed(bucket, resources)),
  }),
  together({
    id: "bucket-ends-abandoned-uploads",
    says: "Every bucket ends uploads that were begun and left",
    source: "checkov CKV_AWS_300",
    types: [BUCKET],
    offenders: without(LIFECYCLE, (one) =>
      enabledRules(one).some((rule) => number(rule, "abortIncompleteMultipartUpload.daysAfterInitiation") <= 7),
    ),
  }),
  together({
    id: "bucket-ends-old-versions",
    says: "Every bucket ends versions that were replaced: they are billed like the others",
    source: "sst-notes §5, infrastructure.md §1",
    types: [BUCKET],
    offenders: without(LIFECYCLE, (one) =>
      enabledRules(one).some((rule) => number(rule, "noncurrentVersionExpiration.noncurrentDays") <= 90),
    ),
  }),
  each({
    id: "bucket-cors-names-origins",
    says: "A bucket lets only named origins in",
    source: "sst-notes §12 S7",
    types: ["aws:s3/bucketCorsConfiguration:BucketCorsConfiguration"],
    passes: (cors) =>
      list(cors, "corsRules").every((rule) => list(rule, "allowedOrigins").every((each) => !text(each).includes("*"))),
  }),
  each({
    id: "bucket-cors-cannot-delete",
    says: "A browser may not delete from a bucket",
    source: "infrastructure.md §4",
    types: ["aws:s3/bucketCorsConfiguration:BucketCorsConfiguration"],
    passes: (cors) => list(cors, "corsRules").every((rule) => !list(rule, "allowedMethods").includes("DELETE")),
  }),
  together({
    id: "bucket-survives-removal",
    says: "A bucket of data is not deleted with its stage",
    source: "sst-notes §12 S5",
    scope: keptStages,
    types: [BUCKET],
    offenders: (resources) =>
      of(resources, BUCKET).filter(
        (bucket) =>
          (at(bucket, "forceDestroy") === true || bucket.options?.retainOnDelete === false) &&
          !isServed(bucket, resources),
      ),
  }),
  together({
    id: "bucket-can-lock-evidence",
    says: "Evidence can be locked against deletion",
    source: "prowler s3_bucket_object_lock, infrastructure.md §1",
    scope: keptStages,
    types: [BUCKET],
    offenders: (resources) =>
      of(resources, BUCKET).filter(
        (bucket) =>
          !receivesLogs(bucket, resources) && !isServed(bucket, resources) && at(bucket, "objectLockEnabled") !== true,
      ),
  }),
  each({
    id: "bucket-results-of-scans-are-tags",
    says: "GuardDuty writes the result of a malware scan on the object, where the evidence worker reads it",
    source: "AWS documentation, GuardDuty: enabling tagging of scanned objects",
    types: ["aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan"],
    passes: (plan) =>
      list(plan, "actions").some((action) => list(action, "taggings").some((one) => text(one, "status") === "ENABLED")),
  }),
  together({
    id: "bucket-of-app-is-only-read",
    says: "Whom the policy of a bucket behind CloudFront lets in is CloudFront, and only to read objects",
    source: "AWS documentation, CloudFront: restrict access to an Amazon S3 origin",
    types: [POLICY],
    offenders: (resources) => {
      const served = of(resources, BUCKET).filter((bucket) => isServed(bucket, resources));
      return of(resources, POLICY).filter(
        (policy) =>
          served.some((bucket) => isNamed(bucket, at(policy, "bucket"))) &&
          !allowed(at(policy, "policy")).every(
            ({ Action, Principal }) =>
              Action.join() === "s3:GetObject" &&
              JSON.stringify(Principal) === '{"Service":["cloudfront.amazonaws.com"]}',
          ),
      );
    },
  }),
];
