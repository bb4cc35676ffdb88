import { type Violation, set } from "./violation.ts";

const ON_EKS = { base: "staging with EKS" };
const STRICT = "securityHeadersConfig";

/** Changes that break each checkov rule that we use instead of a rule of ours, by the rule's id. */
export const ofCheckov: Readonly<Record<string, Violation>> = {
  CKV_AWS_53: set("AccessLogsPublicAccessBlock", { blockPublicAcls: false }),
  CKV_AWS_54: set("AccessLogsPublicAccessBlock", { blockPublicPolicy: undefined }),
  CKV_AWS_55: set("AccessLogsPublicAccessBlock", { ignorePublicAcls: false }),
  CKV_AWS_56: set("AccessLogsPublicAccessBlock", { restrictPublicBuckets: false }),
  CKV_AWS_20: set("EvidenceBucketBucket", { acl: "public-read" }),
  CKV_AWS_96: set("DatabaseCluster", { storageEncrypted: false }),
  CKV_AWS_313: set("DatabaseCluster", { copyTagsToSnapshot: false }),
  CKV_AWS_162: set("DatabaseCluster", { iamDatabaseAuthenticationEnabled: undefined }),
  CKV_AWS_324: set("DatabaseCluster", { enabledCloudwatchLogsExports: [] }),
  CKV_AWS_17: set("DatabaseInstance", { publiclyAccessible: true }),
  CKV_AWS_226: set("DatabaseInstance", { autoMinorVersionUpgrade: false }),
  CKV_AWS_29: set("CacheCluster", { atRestEncryptionEnabled: false }),
  CKV_AWS_30: set("CacheCluster", { transitEncryptionEnabled: false }),
  CKV_AWS_31: set("CacheCluster", { authToken: undefined }),
  CKV_AWS_258: set("ApiUrl", { authorizationType: "NONE" }),
  CKV_AWS_301: set("ApiCloudFrontInvokeFunction", { principal: "*" }),
  CKV_AWS_364: set("ApiCloudFrontInvokeFunction", { sourceArn: undefined }),
  CKV_AWS_27: set("SweepQueueQueue", { sqsManagedSseEnabled: false }),
  CKV_AWS_7: set("AlarmsKey", { enableKeyRotation: false }),
  CKV_AWS_227: set("AlarmsKey", { isEnabled: false }),
  CKV_AWS_26: set("Alarms", { kmsMasterKeyId: undefined }),
  CKV_AWS_34: set("RouterCdnDistribution", { "defaultCacheBehavior.viewerProtocolPolicy": "allow-all" }),
  CKV_AWS_259: set("SecurityHeaders", { [`${STRICT}.strictTransportSecurity.accessControlMaxAgeSec`]: 60 }),
  CKV_AWS_130: set("VpcPublicSubnet1", { mapPublicIpOnLaunch: true }),
  CKV_AWS_79: set("NatInstance", { "metadataOptions.httpTokens": "optional" }, { base: "staging" }),
  CKV_AWS_88: set("NatInstance", { associatePublicIpAddress: true }, { base: "staging" }),
  CKV_AWS_66: set("ApiLogs", { retentionInDays: undefined }),
  CKV_AWS_319: set("ApiFailures", { actionsEnabled: false }),
  CKV_AWS_39: set("Cluster", { "vpcConfig.endpointPublicAccess": true }, ON_EKS),
  CKV_AWS_37: set("Cluster", { enabledClusterLogTypes: ["api"] }, ON_EKS),
  CKV_AWS_58: set("Cluster", { encryptionConfig: undefined }, ON_EKS),
};
