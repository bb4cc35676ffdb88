import { type Violation, add, forget, gone, policy, set } from "./violation.ts";

const PUBLIC = policy({ Action: "s3:GetObject", Resource: "*", Principal: "*" });
const UNNAMED_SERVICE = policy({
  Action: "sqs:SendMessage",
  Resource: "*",
  Principal: { Service: "s3.amazonaws.com" },
});
const NOTHING_REFUSED = policy({ Action: "s3:GetObject", Resource: "*", Principal: { AWS: "123456789012" } });

/** Changes that break each rule about data: buckets, database, cache. */
export const ofData: Readonly<Record<string, Violation>> = {
  "database-copies-leave-region": set("BackupPlan", { "rules.0.copyActions": [] }),
  "bucket-has-public-access-block": gone("EvidenceBucketPublicAccessBlock", "EvidenceBucketBucket"),
  "bucket-is-versioned": set(
    "EvidenceBucketVersioning",
    { "versioningConfiguration.status": "Suspended" },
    { finds: "EvidenceBucketBucket" },
  ),
  "bucket-is-encrypted": gone("EvidenceEncryption", "EvidenceBucketBucket"),
  "bucket-demands-tls": set("EvidenceBucketPolicy", { policy: NOTHING_REFUSED }, { finds: "EvidenceBucketBucket" }),
  "bucket-has-no-acls": set(
    "EvidenceOwnership",
    { "rule.objectOwnership": "ObjectWriter" },
    { finds: "EvidenceBucketBucket" },
  ),
  "bucket-access-is-logged": gone("EvidenceLogging", "EvidenceBucketBucket"),
  "bucket-has-lifecycle": set(
    "EvidenceBucketLifecycle",
    { "rules.0.status": "Disabled" },
    { finds: "EvidenceBucketBucket" },
  ),
  "bucket-ends-abandoned-uploads": set(
    "EvidenceBucketLifecycle",
    { "rules.3.abortIncompleteMultipartUpload": undefined },
    { finds: "EvidenceBucketBucket" },
  ),
  "bucket-ends-old-versions": set(
    "EvidenceBucketLifecycle",
    { "rules.3.noncurrentVersionExpiration.noncurrentDays": 3650 },
    { finds: "EvidenceBucketBucket" },
  ),
  "bucket-cors-names-origins": set("EvidenceCors", { "corsRules.0.allowedOrigins": ["https://*.example.org"] }),
  "bucket-cors-cannot-delete": set("EvidenceCors", { "corsRules.0.allowedMethods": ["GET", "DELETE"] }),
  "bucket-survives-removal": set("EvidenceBucketBucket", { forceDestroy: true }),
  "bucket-can-lock-evidence": set("EvidenceBucketBucket", { objectLockEnabled: false }),
  "bucket-results-of-scans-are-tags": set("MalwareProtection", { "actions.0.taggings.0.status": "DISABLED" }),
  "bucket-of-app-is-only-read": set("AppFilesPolicy", {
    policy: policy({
      Action: ["s3:GetObject", "s3:PutObject"],
      Resource: "*",
      Principal: { Service: "cloudfront.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
    }),
  }),
  "bucket-policy-is-not-public": set("EvidenceBucketPolicy", { policy: PUBLIC }),
  "bucket-policy-names-sources": set("AccessLogsPolicy", { policy: UNNAMED_SERVICE }),

  "database-refuses-deletion": set("DatabaseCluster", { deletionProtection: false }),
  "database-leaves-final-snapshot": set("DatabaseCluster", { skipFinalSnapshot: true }),
  "database-is-retained": forget("DatabaseCluster"),
  "database-is-backed-up": set("DatabaseCluster", { backupRetentionPeriod: 34 }),
  "database-backups-last-a-week": set("DatabaseCluster", { backupRetentionPeriod: 1 }, { base: "tenant-bandung" }),
  "database-demands-tls": set("DatabaseClusterParameterGroup", { "parameters.0.value": "0" }),
  "database-logs-slow-queries": set("DatabaseClusterParameterGroup", { "parameters.1.value": "-1" }),
  "database-logs-sessions": set("DatabaseClusterParameterGroup", { "parameters.3.value": "0" }),
  "database-ends-forgotten-transactions": set("DatabaseClusterParameterGroup", { "parameters.4.value": "0" }),
  "database-ends-idle-sessions": set(
    "DatabaseClusterParameterGroup",
    { "parameters.5.value": "300000" },
    { base: "tenant-bandung" },
  ),
  "database-major-version-is-chosen": set("DatabaseCluster", { allowMajorVersionUpgrade: true }),
  "database-version-is-supported": set("DatabaseCluster", { engineVersion: "13.9" }),
  "database-administrator-has-own-name": set("DatabaseCluster", { masterUsername: "postgres" }),
  "database-has-no-web-endpoint": set("DatabaseCluster", { enableHttpEndpoint: true }),
  "database-of-production-never-pauses": set("DatabaseCluster", { "serverlessv2ScalingConfiguration.minCapacity": 0 }),
  "database-auto-pauses": set(
    "DatabaseCluster",
    { "serverlessv2ScalingConfiguration.secondsUntilAutoPause": 3600 },
    { base: "staging" },
  ),
  "database-has-ceiling": set("DatabaseCluster", { "serverlessv2ScalingConfiguration.maxCapacity": 128 }),
  "database-has-no-proxy": add("aws:rds/proxy:Proxy"),
  "instance-of-database-shows-its-load": set("DatabaseInstance", { performanceInsightsEnabled: false }),
  "instance-of-database-tags-snapshots": set("DatabaseReplica0", { copyTagsToSnapshot: false }),
  "instance-of-database-is-serverless": set("DatabaseInstance", { instanceClass: "db.r6g.large" }),
  "database-has-reader": gone("DatabaseReplica0"),
  "database-fails-over-at-once": set("DatabaseReplica0", { promotionTier: 15 }, { finds: "(none)" }),
  "database-has-own-security-group": set("DatabaseCluster", { vpcSecurityGroupIds: ["vpc-security-group-id"] }),
  "database-subnets-are-private": set("DatabaseSubnetGroup", { "subnetIds.0": "vpc-public-subnet1-id" }),
  "database-subnets-span-zones": set("DatabaseSubnetGroup", { subnetIds: ["vpc-private-subnet1-id"] }),

  "cache-refuses-plain-text": set("CacheCluster", { transitEncryptionMode: "preferred" }),
  "cache-takes-minor-upgrades": set("CacheCluster", { autoMinorVersionUpgrade: false }),
  "cache-spans-zones": set("CacheCluster", { multiAzEnabled: false }),
  "cache-fails-over": set("CacheCluster", { automaticFailoverEnabled: false }),
  "cache-has-three-nodes": set("CacheCluster", { numCacheClusters: 2 }),
  "cache-is-backed-up": set("CacheCluster", { snapshotRetentionLimit: 0 }),
  "cache-is-one-shard": set("CacheCluster", { clusterMode: "enabled" }),
  "cache-is-valkey": set("CacheCluster", { engine: "redis" }),
  "cache-has-own-subnets": set("CacheCluster", { subnetGroupName: "default" }),
  "cache-subnets-are-private": set("CacheSubnetGroup", { "subnetIds.1": "vpc-public-subnet1-id" }),
  "cache-has-own-security-group": set("CacheCluster", { securityGroupIds: ["vpc-security-group-id"] }),
  "serverless-cache-asks-for-password": set(
    "ServerlessCache",
    { userGroupId: "" },
    { base: "tenant-bandung with Valkey Serverless" },
  ),
  "serverless-cache-has-ceiling": set(
    "ServerlessCache",
    { "cacheUsageLimits.dataStorage.maximum": 5000 },
    { base: "tenant-bandung with Valkey Serverless" },
  ),
  "cache-user-has-password": set(
    "CacheUser",
    { "authenticationMode.type": "no-password-required" },
    { base: "tenant-bandung with Valkey Serverless" },
  ),
  "cache-user-cannot-administer": set(
    "CacheUser",
    { accessString: "on ~* +@all" },
    { base: "tenant-bandung with Valkey Serverless" },
  ),
  "tenant-has-no-cache-node": add("aws:elasticache/replicationGroup:ReplicationGroup", {}, "tenant-bandung"),
};
