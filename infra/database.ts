import { hostOfGuests } from "./guests.ts";
import { bastion, functionsGroup, vpc } from "./network.ts";
import { RETENTION_DAYS } from "./retention.ts";
import { deployment, nameOf, stage } from "./stage.ts";
import { scalesToZero } from "./stage-shape.ts";

const { minAcu, maxAcu, pauseAfterMinutes, readers, backupDays } = stage.database;
const isSleeper = scalesToZero(stage);
const PORT = 5432;
const NAME = "gotong_royong";
const USERNAME = "gotong";
/**
 * Connection of a personal stage under `sst dev`: the PostgreSQL of `npm run dev` or compose.yaml, which both use
 * this port.
 */
const LOCAL = { host: "localhost", port: 3003, username: "postgres", password: "postgres", database: "gotong" };

/** The security group of the database; undefined in a preview, which uses the cluster of `dev`. */
export const databaseGroup = hostOfGuests === undefined ? createGroup() : undefined;

const made =
  databaseGroup === undefined || (stage.kind === "personal" && $dev) ? undefined : createCluster(databaseGroup);
/** The database cluster; undefined under `sst dev` of a personal stage, and in a preview. */
export const databaseCluster = made?.cluster;
/** The administrator of the cluster. Stage `dev` exports these credentials to the previews that use its cluster. */
export const databaseAdmin = made && {
  host: made.cluster.endpoint,
  port: PORT,
  username: USERNAME,
  password: made.password,
  database: NAME,
};
/** The link `Database` of functions. */
export const database = new sst.Linkable("Database", { properties: propertiesOfDatabase() });

function propertiesOfDatabase() {
  // The preview's database and its user are both named after the stage; guest-database.ts creates them.
  if (hostOfGuests !== undefined)
    return {
      ...hostOfGuests.database,
      reader: "",
      username: $app.stage,
      password: new random.RandomPassword("DatabasePassword", { length: 32, special: false }).result,
      database: $app.stage,
    };
  if (made === undefined || databaseAdmin === undefined) return { ...LOCAL, reader: "" };
  // Uses the endpoint of the first reader, not the shared endpoint of all readers: consecutive reads must not go to a
  // reader that lags further behind (db/reader.ts).
  return { ...databaseAdmin, reader: made.reader?.endpoint ?? "" };
}

function createGroup(): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup("DatabaseGroup", {
    vpcId: vpc.id,
    description: "PostgreSQL, for those who are named in its rules",
  });
  const from = (name: string, description: string, securityGroupId: $util.Input<string>) =>
    new aws.vpc.SecurityGroupIngressRule(`DatabaseFrom${name}`, {
      securityGroupId: group.id,
      description,
      referencedSecurityGroupId: securityGroupId,
      ipProtocol: "tcp",
      fromPort: PORT,
      toPort: PORT,
    });
  from("Functions", "Functions in the VPC", functionsGroup.id);
  if (bastion) from("Bastion", "sst tunnel", bastion.securityGroupId);
  return group;
}

/**
 * Creates an Aurora Serverless v2 cluster like SST's component, but without a copy of the password in Secrets
 * Manager. That copy serves RDS Proxy and the Data API, which we do not use, and costs $0.40 a month, a quarter of
 * the cost limit of an idle tenant (docs/adr/0019).
 */
function createCluster(group: aws.ec2.SecurityGroup) {
  const password = new random.RandomPassword("DatabasePassword", { length: 32, special: false }).result;
  const family = "aurora-postgresql17";
  const subnetGroup = new aws.rds.SubnetGroup("DatabaseSubnetGroup", { subnetIds: vpc.privateSubnets });
  const instanceParameters = new aws.rds.ParameterGroup("DatabaseParameterGroup", { family, parameters: [] });
  const clusterParameters = new aws.rds.ClusterParameterGroup("DatabaseClusterParameterGroup", {
    family,
    parameters: [
      { name: "rds.force_ssl", value: "1" },
      { name: "log_min_duration_statement", value: "500" },
      { name: "log_connections", value: "1" },
      { name: "log_disconnections", value: "1" },
      { name: "idle_in_transaction_session_timeout", value: "60000" },
      // Closes idle sessions: a frozen Lambda keeps its socket open, and an open session prevents auto-pause
      // (sst-notes §3).
      { name: "idle_session_timeout", value: isSleeper ? "120000" : "0" },
    ],
  });
  const cluster = new aws.rds.Cluster(
    "DatabaseCluster",
    {
      engine: "aurora-postgresql",
      engineMode: "provisioned", // Serverless v2 instances belong to a cluster of the mode "provisioned"
      engineVersion: "17",
      databaseName: NAME,
      masterUsername: USERNAME,
      masterPassword: password,
      dbClusterParameterGroupName: clusterParameters.name,
      dbInstanceParameterGroupName: instanceParameters.name,
      serverlessv2ScalingConfiguration: {
        minCapacity: minAcu,
        maxCapacity: maxAcu,
        ...(pauseAfterMinutes === undefined ? {} : { secondsUntilAutoPause: pauseAfterMinutes * 60 }),
      },
      applyImmediately: true,
      allowMajorVersionUpgrade: false,
      storageEncrypted: true,
      enableHttpEndpoint: false,
      dbSubnetGroupName: subnetGroup.name,
      vpcSecurityGroupIds: [group.id],
      deletionProtection: stage.refusesRemoval,
      skipFinalSnapshot: !stage.isProtected,
      ...(stage.isProtected ? kept() : {}),
      ...(deployment.databaseSnapshot === undefined ? {} : { snapshotIdentifier: deployment.databaseSnapshot }),
      backupRetentionPeriod: backupDays,
      preferredBackupWindow: "18:00-19:00", // 01:00–02:00 in Jakarta
      preferredMaintenanceWindow: "sun:19:30-sun:20:30",
      copyTagsToSnapshot: true,
      iamDatabaseAuthenticationEnabled: true,
      enabledCloudwatchLogsExports: ["postgresql"],
    },
    // The database is created from the snapshot. Without this option, a later deployment without `databaseSnapshot`
    // would replace the database.
    { ignoreChanges: ["snapshotIdentifier"] },
  );
  const instance = (name: string, more: Partial<aws.rds.ClusterInstanceArgs> = {}) =>
    new aws.rds.ClusterInstance(name, {
      clusterIdentifier: cluster.id,
      instanceClass: "db.serverless",
      engine: "aurora-postgresql",
      engineVersion: cluster.engineVersion,
      dbSubnetGroupName: cluster.dbSubnetGroupName,
      dbParameterGroupName: instanceParameters.name,
      autoMinorVersionUpgrade: true,
      copyTagsToSnapshot: true,
      publiclyAccessible: false,
      // Performance Insights is free with a week of history; it collects nothing on an instance that auto-pauses.
      performanceInsightsEnabled: !isSleeper,
      ...more,
    });
  instance("DatabaseInstance");
  const [reader] = Array.from({ length: readers }, (_, index) =>
    instance(`DatabaseReplica${index}`, { promotionTier: 1 }),
  );

  // Creates the log group before Aurora writes its first line, since Aurora would create a group without a retention
  // time.
  new aws.cloudwatch.LogGroup("DatabaseLogs", {
    name: $interpolate`/aws/rds/cluster/${cluster.clusterIdentifier}/postgresql`,
    retentionInDays: RETENTION_DAYS[stage.logRetention],
  });
  return { cluster, password, reader };
}

/**
 * Returns the names for a database whose data outlives its stage. The cluster's name is fixed: a deployment after a
 * removal fails while the former cluster exists, instead of starting with an empty one. The name of the final
 * snapshot is new each time that the stage is created.
 */
function kept() {
  const incarnation = new random.RandomId("DatabaseIncarnation", { byteLength: 4 });
  return {
    clusterIdentifier: nameOf("database", "databaseCluster"),
    finalSnapshotIdentifier: $interpolate`${nameOf("final", "databaseSnapshot")}-${incarnation.hex}`,
  };
}
