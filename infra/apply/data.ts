import { type Translator, call, listOf, nameOf, recordOf, recordsOf, tagsOf, textOf } from "./call.ts";

const s3 = (operation: string) => ["s3", operation] as const;
const rds = (operation: string) => ["rds", operation] as const;
const backup = (operation: string) => ["backup", operation] as const;
const elastiCache = (operation: string) => ["elasticache", operation] as const;

/** RDS and ElastiCache set the parameters of a new group by a second call, twenty at a time. */
const parametersOf = (inputs: Readonly<Record<string, unknown>>) =>
  recordsOf(inputs["parameters"]).map(({ name, value }) => ({ parameterName: name, parameterValue: value }));

/** Translates a part of a bucket's configuration that has an API call of its own. */
const ofBucket =
  (operation: string, key: string, renames: Readonly<Record<string, string | undefined>> = {}): Translator =>
  ({ bucket, ...rest }) => [call(s3(operation), { bucket, [key]: call(s3(operation), rest, renames).params })];

/**
 * Converts a lifecycle of backups from Pulumi's inputs into a parameter of AWS Backup, whose name states its unit,
 * days. The windows of a backup rule are in minutes.
 */
const daysOf = (lifecycle: unknown) => ({ deleteAfterDays: recordOf(lifecycle)["deleteAfter"] });
const backupRuleOf = (rule: Readonly<Record<string, unknown>>) => ({
  ruleName: rule["ruleName"],
  targetBackupVaultName: rule["targetVaultName"],
  scheduleExpression: rule["schedule"],
  startWindowMinutes: rule["startWindow"],
  completionWindowMinutes: rule["completionWindow"],
  lifecycle: daysOf(rule["lifecycle"]),
  copyActions: recordsOf(rule["copyActions"]).map(({ destinationVaultArn, lifecycle }) => ({
    destinationBackupVaultArn: destinationVaultArn,
    lifecycle: daysOf(lifecycle),
  })),
});

export const data: Readonly<Record<string, Translator>> = {
  "aws:backup/vault:Vault": (inputs) => [
    call(backup("CreateBackupVault"), inputs, { name: "backupVaultName", region: undefined }),
  ],
  "aws:backup/plan:Plan": ({ name, rules }) => [
    call(backup("CreateBackupPlan"), {
      backupPlan: {
        backupPlanName: name,
        rules: recordsOf(rules).map((rule) => backupRuleOf(rule)),
      },
    }),
  ],
  "aws:backup/selection:Selection": ({ planId, name, ...what }) => [
    call(backup("CreateBackupSelection"), { backupPlanId: planId, backupSelection: { selectionName: name, ...what } }),
  ],
  "aws:backup/vaultNotifications:VaultNotifications": (inputs) => [
    call(backup("PutBackupVaultNotifications"), inputs, { snsTopicArn: "SNSTopicArn" }),
  ],
  "aws:s3/bucket:Bucket": (inputs, resource) => [
    call(
      s3("CreateBucket"),
      { ...inputs, bucket: nameOf(inputs, resource, "bucket") },
      { forceDestroy: undefined, objectLockEnabled: "objectLockEnabledForBucket", tags: undefined },
    ),
  ],
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": ofBucket("PutBucketCors", "corsConfiguration"),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ({ bucket, rules }) => [
    call(s3("PutBucketLifecycleConfiguration"), {
      bucket,
      lifecycleConfiguration: {
        // A lifecycle rule without a filter applies to all objects; for such a rule the provider sends an empty filter.
        rules: recordsOf(rules).map((rule) => ({ ...rule, filter: rule["filter"] ?? {} })),
      },
    }),
  ],
  "aws:s3/bucketLogging:BucketLogging": ({ bucket, ...target }) => [
    call(s3("PutBucketLogging"), { bucket, bucketLoggingStatus: { loggingEnabled: target } }),
  ],
  "aws:s3/bucketObjectv2:BucketObjectv2": (inputs) => [
    call(s3("PutObject"), { ...inputs, body: "code of a function, or a file of the app" }, { source: undefined }),
  ],
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ofBucket(
    "PutBucketOwnershipControls",
    "ownershipControls",
    {
      rule: "rules",
    },
  ),
  "aws:s3/bucketPolicy:BucketPolicy": (inputs) => [
    // Both forms of the principal "everyone" have the same meaning; moto 5.2.5 fails on the short form when it checks
    // whether the log service may write.
    call(s3("PutBucketPolicy"), {
      ...inputs,
      policy: textOf(inputs["policy"]).replaceAll('"Principal":"*"', '"Principal":{"AWS":"*"}'),
    }),
  ],
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ofBucket(
    "PutPublicAccessBlock",
    "publicAccessBlockConfiguration",
  ),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ofBucket(
    "PutBucketEncryption",
    "serverSideEncryptionConfiguration",
  ),
  "aws:s3/bucketVersioning:BucketVersioning": (inputs) => [call(s3("PutBucketVersioning"), inputs)],
  "aws:rds/subnetGroup:SubnetGroup": (inputs, { outputs }) => [
    call(
      rds("CreateDBSubnetGroup"),
      { description: "Managed by Pulumi", ...inputs, name: outputs["name"], ...tagsOf(inputs) },
      { name: "dbSubnetGroupName", description: "dbSubnetGroupDescription" },
    ),
  ],
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": (inputs, { outputs }) => [
    call(
      rds("CreateDBClusterParameterGroup"),
      { description: "Managed by Pulumi", ...inputs, name: outputs["name"], ...tagsOf(inputs) },
      { name: "dbClusterParameterGroupName", family: "dbParameterGroupFamily", parameters: undefined },
    ),
    ...(parametersOf(inputs).length === 0
      ? []
      : [
          call(rds("ModifyDBClusterParameterGroup"), {
            dbClusterParameterGroupName: outputs["name"],
            parameters: parametersOf(inputs).map((each) => ({ ...each, applyMethod: "immediate" })),
          }),
        ]),
  ],
  "aws:rds/parameterGroup:ParameterGroup": (inputs, { outputs }) => [
    call(
      rds("CreateDBParameterGroup"),
      { description: "Managed by Pulumi", ...inputs, name: outputs["name"], ...tagsOf(inputs) },
      {
        name: "dbParameterGroupName",
        family: "dbParameterGroupFamily",
        parameters: undefined,
      },
    ),
  ],
  "aws:rds/cluster:Cluster": (inputs, { id, outputs }) => [
    call(
      rds("CreateDBCluster"),
      { ...inputs, clusterIdentifier: outputs["clusterIdentifier"], ...tagsOf(inputs) },
      {
        clusterIdentifier: "dbClusterIdentifier",
        enabledCloudwatchLogsExports: "enableCloudwatchLogsExports",
        iamDatabaseAuthenticationEnabled: "enableIAMDatabaseAuthentication",
        masterPassword: "masterUserPassword",
        // The provider sends these parameters only when it changes or removes the cluster.
        allowMajorVersionUpgrade: undefined,
        applyImmediately: undefined,
        dbInstanceParameterGroupName: undefined,
        skipFinalSnapshot: undefined,
        finalSnapshotIdentifier: undefined,
        // Not a parameter of this operation: a restore from a snapshot is RestoreDBClusterFromSnapshot.
        snapshotIdentifier: undefined,
      },
      { [id]: "DBCluster.DBClusterIdentifier" },
    ),
    {
      ...call(rds("DeleteDBCluster"), {
        dbClusterIdentifier: outputs["clusterIdentifier"],
        skipFinalSnapshot: inputs["skipFinalSnapshot"],
        finalDBSnapshotIdentifier: inputs["finalSnapshotIdentifier"],
      }),
      isOnlyChecked: true,
    },
  ],
  "aws:rds/clusterInstance:ClusterInstance": (inputs, { outputs }) => [
    call(
      rds("CreateDBInstance"),
      { identifier: outputs["name"], ...inputs, ...tagsOf(inputs) },
      {
        clusterIdentifier: "dbClusterIdentifier",
        identifier: "dbInstanceIdentifier",
        instanceClass: "dbInstanceClass",
        performanceInsightsEnabled: "enablePerformanceInsights",
      },
    ),
  ],
  "aws:elasticache/subnetGroup:SubnetGroup": (inputs) => [
    call(
      elastiCache("CreateCacheSubnetGroup"),
      { ...inputs, ...tagsOf(inputs) },
      { name: "cacheSubnetGroupName", description: "cacheSubnetGroupDescription" },
    ),
  ],
  "aws:elasticache/parameterGroup:ParameterGroup": (inputs) => [
    call(
      elastiCache("CreateCacheParameterGroup"),
      { ...inputs, ...tagsOf(inputs) },
      { name: "cacheParameterGroupName", family: "cacheParameterGroupFamily", parameters: undefined },
    ),
    call(elastiCache("ModifyCacheParameterGroup"), {
      cacheParameterGroupName: inputs["name"],
      parameterNameValues: parametersOf(inputs),
    }),
  ],
  "aws:elasticache/replicationGroup:ReplicationGroup": (inputs) => [
    call(
      elastiCache("CreateReplicationGroup"),
      { ...inputs, ...tagsOf(inputs) },
      {
        description: "replicationGroupDescription",
        maintenanceWindow: "preferredMaintenanceWindow",
        nodeType: "cacheNodeType",
        parameterGroupName: "cacheParameterGroupName",
        subnetGroupName: "cacheSubnetGroupName",
        // The provider sends these parameters only when it changes the replication group.
        applyImmediately: undefined,
        authTokenUpdateStrategy: undefined,
      },
    ),
  ],
  "aws:elasticache/serverlessCache:ServerlessCache": (inputs) => {
    const { ecpuPerSeconds, ...limits } = recordOf(inputs["cacheUsageLimits"]);
    return [
      call(
        elastiCache("CreateServerlessCache"),
        {
          ...inputs,
          ...tagsOf(inputs),
          cacheUsageLimits: { ...limits, ecpuPerSecond: listOf(ecpuPerSeconds)[0] },
        },
        { name: "serverlessCacheName" },
      ),
    ];
  },
  "aws:elasticache/user:User": (inputs) => [call(elastiCache("CreateUser"), inputs)],
  "aws:elasticache/userGroup:UserGroup": (inputs) => [call(elastiCache("CreateUserGroup"), inputs)],
  "aws:secretsmanager/secret:Secret": (inputs, resource) => [
    call(
      ["secretsmanager", "CreateSecret"],
      { ...inputs, name: nameOf(inputs, resource), ...tagsOf(inputs) },
      { recoveryWindowInDays: undefined },
      { [resource.id]: "ARN" },
    ),
  ],
  "aws:secretsmanager/secretVersion:SecretVersion": (inputs) => [call(["secretsmanager", "PutSecretValue"], inputs)],
  "aws:ssm/parameter:Parameter": (inputs) => [call(["ssm", "PutParameter"], { ...inputs, ...tagsOf(inputs) })],
};
