import { at, list, number, type Resource, text } from "../resource.ts";
import { alwaysOn, each, everyStage, keptStages, never, type Rule, sleepers } from "../rule.ts";

const CLUSTER = "aws:rds/cluster:Cluster";
const PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup";

/** Returns the value of a parameter in a parameter group; NaN if the group leaves the default. */
const parameter = (group: Resource, name: string): number =>
  number(
    list(group, "parameters").find((each) => text(each, "name") === name),
    "value",
  );

/** Returns the region in an ARN. */
const regionOf = (arn: string) => arn.split(":")[3] ?? "";

export const database: readonly Rule[] = [
  each({
    id: "database-copies-leave-region",
    says: "A plan of backups copies each snapshot to another region, and ends both",
    source: "prowler rds_snapshots_encrypted, AWS Well-Architected REL09-BP02",
    types: ["aws:backup/plan:Plan"],
    passes: (plan) =>
      list(plan, "rules").every(
        (rule) =>
          number(rule, "lifecycle.deleteAfter") > 0 &&
          list(rule, "copyActions").length > 0 &&
          list(rule, "copyActions").every(
            (copy) =>
              number(copy, "lifecycle.deleteAfter") > 0 &&
              regionOf(text(copy, "destinationVaultArn")) !== regionOf(text(plan.outputs, "arn")),
          ),
      ),
  }),
  each({
    id: "database-refuses-deletion",
    says: "The database refuses to be deleted",
    source: "checkov CKV_AWS_139, prowler rds_cluster_deletion_protection, sst-notes §12 D2",
    scope: keptStages,
    types: [CLUSTER],
    passes: (cluster) => at(cluster, "deletionProtection") === true,
  }),
  each({
    id: "database-leaves-final-snapshot",
    says: "A database that is deleted all the same leaves a snapshot",
    source: "sst-notes §12 D3",
    scope: keptStages,
    types: [CLUSTER],
    passes: (cluster) => at(cluster, "skipFinalSnapshot") === false && text(cluster, "finalSnapshotIdentifier") !== "",
  }),
  each({
    id: "database-is-retained",
    says: "The database is not deleted with its stage",
    source: "infrastructure.md §2",
    scope: keptStages,
    types: [CLUSTER],
    passes: (cluster) => cluster.options?.retainOnDelete !== false,
  }),
  each({
    id: "database-is-backed-up",
    says: "Every database can be brought back to any second of the days that its stage promises",
    source: "checkov CKV_AWS_133, prowler rds_instance_backup_enabled, infrastructure.md §2",
    types: [CLUSTER],
    passes: (cluster, { stage }) => number(cluster, "backupRetentionPeriod") >= stage.database.backupDays,
  }),
  each({
    id: "database-backups-last-a-week",
    says: "Backups of data that is kept go back a week or more",
    source: "sst-notes §12 D4",
    scope: keptStages,
    types: [CLUSTER],
    passes: (cluster) => number(cluster, "backupRetentionPeriod") >= 7,
  }),
  each({
    id: "database-demands-tls",
    says: "Sessions without TLS are refused",
    source: "checkov CKV2_AWS_69, prowler rds_instance_transport_encrypted",
    types: [PARAMETERS],
    passes: (group) => parameter(group, "rds.force_ssl") === 1,
  }),
  each({
    id: "database-logs-slow-queries",
    says: "Queries of more than a second are logged, with what they were",
    source: "checkov CKV2_AWS_27",
    types: [PARAMETERS],
    passes: (group) =>
      parameter(group, "log_min_duration_statement") >= 0 && parameter(group, "log_min_duration_statement") <= 1000,
  }),
  each({
    id: "database-logs-sessions",
    says: "The database logs who signs in and who leaves",
    source: "CIS PostgreSQL Benchmark, log_connections and log_disconnections",
    types: [PARAMETERS],
    passes: (group) => parameter(group, "log_connections") === 1 && parameter(group, "log_disconnections") === 1,
  }),
  each({
    id: "database-ends-forgotten-transactions",
    says: "The locks of a transaction whose function has died end after at most five minutes",
    source: "PostgreSQL documentation, idle_in_transaction_session_timeout",
    types: [PARAMETERS],
    passes: (group) =>
      parameter(group, "idle_in_transaction_session_timeout") > 0 &&
      parameter(group, "idle_in_transaction_session_timeout") <= 300_000,
  }),
  each({
    id: "database-ends-idle-sessions",
    says: "The session of a frozen function ends before the auto-pause, which it would prevent",
    source: "sst-notes §3, infrastructure.md §3",
    scope: sleepers,
    types: [PARAMETERS],
    passes: (group, { stage }) =>
      parameter(group, "idle_session_timeout") > 0 &&
      parameter(group, "idle_session_timeout") < (stage.database.pauseAfterMinutes ?? 0) * 60_000,
  }),
  each({
    id: "database-major-version-is-chosen",
    says: "No deployment moves the database to another major version in passing",
    source: "sst-notes §3",
    types: [CLUSTER],
    passes: (cluster) => at(cluster, "allowMajorVersionUpgrade") !== true,
  }),
  each({
    id: "database-version-is-supported",
    says: "The database's major version has years of support before it",
    source: "prowler rds_instance_deprecated_engine_version, infrastructure.md §1",
    types: [CLUSTER],
    passes: (cluster) => Number.parseInt(text(cluster, "engineVersion"), 10) >= 16,
  }),
  each({
    id: "database-administrator-has-own-name",
    says: "The database's administrator is not called what every scanner tries first",
    source: "prowler rds_cluster_default_admin",
    types: [CLUSTER],
    passes: (cluster) => !["", "admin", "postgres", "root"].includes(text(cluster, "masterUsername")),
  }),
  each({
    id: "database-has-no-web-endpoint",
    says: "The Data API, which nothing here uses, is off",
    source: "infrastructure.md §4",
    types: [CLUSTER],
    passes: (cluster) => at(cluster, "enableHttpEndpoint") !== true,
  }),
  each({
    id: "database-of-production-never-pauses",
    says: "The database never pauses where requests are always expected",
    source: "sst-notes §12 D9",
    scope: alwaysOn,
    types: [CLUSTER],
    passes: (cluster) => number(cluster, "serverlessv2ScalingConfiguration.minCapacity") > 0,
  }),
  each({
    id: "database-auto-pauses",
    says: "The database auto-pauses after at most fifteen idle minutes",
    source: "sst-notes §12 D10, infrastructure.md §3",
    scope: sleepers,
    types: [CLUSTER],
    passes: (cluster) =>
      number(cluster, "serverlessv2ScalingConfiguration.minCapacity") === 0 &&
      number(cluster, "serverlessv2ScalingConfiguration.secondsUntilAutoPause") <= 900,
  }),
  each({
    id: "database-has-ceiling",
    says: "The database cannot grow beyond what its stage pays for",
    source: "infrastructure.md §2",
    types: [CLUSTER],
    passes: (cluster, { stage }) =>
      number(cluster, "serverlessv2ScalingConfiguration.maxCapacity") <= stage.database.maxAcu,
  }),
  never({
    id: "database-has-no-proxy",
    says: "No RDS Proxy: it prevents auto-pause and costs more than the rest of a tenant",
    source: "infrastructure.md §3, sst-notes §12 D13",
    scope: everyStage,
    types: ["aws:rds/proxy:Proxy"],
  }),
];
