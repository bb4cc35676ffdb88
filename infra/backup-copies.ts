import { alarmTopic } from "./alarm.ts";
import { databaseCluster } from "./database.ts";
import { accountId, deployment, nameOf, stage } from "./stage.ts";

/**
 * Number of days for which the local snapshot is kept. It only serves as the source of the remote copy. For restores in
 * the same region, the database's continuous backups are better: they reach any second.
 */
const SNAPSHOT_DAYS = 1;
/**
 * Number of days for which the remote copy is kept. Each copy of an Aurora snapshot is a full copy, and is billed as
 * such.
 */
const COPY_DAYS = 7;
/**
 * Schedule of the snapshot: 04:00 in Jakarta, since AWS Backup refuses to start within an hour of the database's own
 * windows (infra/database.ts).
 */
const EACH_NIGHT = "cron(0 21 ? * * *)";

if (deployment.backupRegion !== undefined && databaseCluster) copyEachNight(databaseCluster, deployment.backupRegion);

/**
 * Copies a snapshot of the database to another region each night, so that it survives the loss of the region, or of
 * the cluster with all its backups.
 */
function copyEachNight(cluster: aws.rds.Cluster, region: string): void {
  // AWS rejects the deletion of a vault that contains backups, so the vault of a protected stage stays when the stage
  // is removed.
  const kept = { retainOnDelete: stage.isProtected };
  const name = nameOf("backups", "backupVault");
  const vault = new aws.backup.Vault("BackupVault", { name }, kept);
  const copies = new aws.backup.Vault("BackupCopies", { name, region }, kept);
  const role = new aws.iam.Role("BackupRole", {
    name: nameOf("backup", "role"),
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["sts:AssumeRole"],
          principals: [{ type: "Service", identifiers: ["backup.amazonaws.com"] }],
          conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
        },
      ],
    }).json,
    managedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"],
  });
  const plan = new aws.backup.Plan("BackupPlan", {
    name: nameOf("backups", "backupPlan"),
    rules: [
      {
        ruleName: "nightly",
        targetVaultName: vault.name,
        schedule: EACH_NIGHT,
        startWindow: 60,
        completionWindow: 360,
        lifecycle: { deleteAfter: SNAPSHOT_DAYS },
        copyActions: [{ destinationVaultArn: copies.arn, lifecycle: { deleteAfter: COPY_DAYS } }],
      },
    ],
  });
  new aws.backup.Selection("BackupSelection", {
    name: "database",
    planId: plan.id,
    iamRoleArn: role.arn,
    resources: [cluster.arn],
  });
  if (alarmTopic)
    new aws.backup.VaultNotifications("BackupFailures", {
      backupVaultName: vault.name,
      snsTopicArn: alarmTopic.arn,
      backupVaultEvents: ["BACKUP_JOB_FAILED", "COPY_JOB_FAILED"],
    });
}
