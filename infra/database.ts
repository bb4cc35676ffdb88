import { functionsGroup, vpc } from "./network.ts";
import { RETENTION_DAYS } from "./retention.ts";
import { nameOf, stage } from "./stage.ts";
import { scalesToZero } from "./stages.ts";

const { minAcu, maxAcu, pauseAfterMinutes, readers, backupDays } = stage.database;
const isSleeper = scalesToZero(stage);

export const databaseGroup = new aws.ec2.SecurityGroup("DatabaseGroup", {
  vpcId: vpc.id,
  description: "PostgreSQL, for those who are named in its rules",
});
new aws.vpc.SecurityGroupIngressRule("DatabaseFromFunctions", {
  securityGroupId: databaseGroup.id,
  description: "Functions in the VPC",
  referencedSecurityGroupId: functionsGroup.id,
  ipProtocol: "tcp",
  fromPort: 5432,
  toPort: 5432,
});

export const database = new sst.aws.Aurora("Database", {
  engine: "postgres",
  version: "17",
  username: "gotong",
  database: "gotong_royong",
  scaling: {
    min: `${minAcu} ACU`,
    max: `${maxAcu} ACU`,
    ...(pauseAfterMinutes === undefined ? {} : { pauseAfter: `${pauseAfterMinutes} minutes` as const }),
  },
  replicas: readers,
  vpc: { subnets: vpc.privateSubnets, securityGroups: [databaseGroup.id] },
  // A personal stage under `sst dev` uses the PostgreSQL that `npm run dev` or compose.yaml runs, on this port in both.
  ...(stage.kind === "personal"
    ? { dev: { host: "localhost", port: 3003, username: "postgres", password: "postgres", database: "gotong" } }
    : {}),
  transform: {
    cluster: {
      deletionProtection: stage.isProtected,
      skipFinalSnapshot: !stage.isProtected,
      ...(stage.isProtected ? { finalSnapshotIdentifier: nameOf("final", "databaseSnapshot") } : {}),
      backupRetentionPeriod: backupDays,
      preferredBackupWindow: "18:00-19:00", // 01:00–02:00 in Jakarta
      preferredMaintenanceWindow: "sun:19:30-sun:20:30",
      copyTagsToSnapshot: true,
      iamDatabaseAuthenticationEnabled: true,
      allowMajorVersionUpgrade: false,
      enabledCloudwatchLogsExports: ["postgresql"],
    },
    clusterParameterGroup: {
      parameters: [
        { name: "rds.force_ssl", value: "1" },
        { name: "log_min_duration_statement", value: "500" },
        { name: "log_connections", value: "1" },
        { name: "log_disconnections", value: "1" },
        { name: "idle_in_transaction_session_timeout", value: "60000" },
        // A frozen Lambda keeps its socket open, and an open session keeps the cluster awake (sst-notes §3).
        { name: "idle_session_timeout", value: isSleeper ? "120000" : "0" },
      ],
    },
    instance: (args, _, name) => {
      args.autoMinorVersionUpgrade = true;
      args.copyTagsToSnapshot = true;
      args.publiclyAccessible = false;
      // The free week of history; a paused instance collects nothing.
      args.performanceInsightsEnabled = !isSleeper;
      if (name.includes("Replica")) args.promotionTier = 1;
    },
  },
});

if (stage.hasBastion)
  new aws.vpc.SecurityGroupIngressRule("DatabaseFromBastion", {
    securityGroupId: databaseGroup.id,
    description: "sst tunnel",
    referencedSecurityGroupId: vpc.nodes.bastionInstance
      .apply((host) => $output(host?.vpcSecurityGroupIds ?? []))
      .apply(([first]) => first ?? ""),
    ipProtocol: "tcp",
    fromPort: 5432,
    toPort: 5432,
  });

// Aurora makes this group itself, without an end, if it is not there before its first log line.
if (database.nodes.cluster)
  new aws.cloudwatch.LogGroup("DatabaseLogs", {
    name: $interpolate`/aws/rds/cluster/${database.nodes.cluster.clusterIdentifier}/postgresql`,
    retentionInDays: RETENTION_DAYS[stage.logRetention],
  });
