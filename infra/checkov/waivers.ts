import type { Waiver } from "../policy/waivers.ts";

/** Rules of checkov that fail for every resource that they check here, each with the reason. */
export const SKIPPED: Readonly<Record<string, string>> = {
  CKV_AWS_18: "looks at the bucket alone; ours, bucket-access-is-logged, looks at its logging as well",
  CKV_AWS_21: "looks at the bucket alone; ours, bucket-is-versioned, looks at its versioning as well",
  CKV_AWS_86: "looks for the older access log; ours, cdn-logs-requests, looks for its delivery",
  CKV_AWS_116:
    "dead-letter queues are those of the queues (queue-has-dead-letters); other functions are invoked by somebody who waits",
  CKV_AWS_118: "enhanced monitoring bills its log; Performance Insights is on where the database never pauses",
  CKV_AWS_126: "detailed monitoring costs $2.10 a month; status checks come every minute without it",
  CKV_AWS_144: "evidence is copied by the backup, to a second region where a setting asks for it (docs/backup.md)",
  CKV_AWS_145: "a key of the account's own costs $1 a month: AWS's key encrypts (bucket-is-encrypted)",
  CKV_AWS_149: "the same, for secrets",
  CKV_AWS_158: "the same, for logs, which have no personal data",
  CKV_AWS_166: "the same, for vaults of backups",
  CKV_AWS_173: "the same, for the environment of functions: it has no secrets (function-carries-no-secrets)",
  CKV_AWS_191: "the same, for the cache, which has nothing that lasts",
  CKV_AWS_272: "who may deploy may sign as well: one role does both (docs/workflows.md)",
  CKV_AWS_297: "the same as CKV_AWS_145, for schedules: their input is empty",
  CKV_AWS_305: "the API's function answers / itself, with the app or with JSON",
  CKV_AWS_310: "there is one origin for the API, in one region: docs/disaster-recovery.md",
  CKV_AWS_327: "the same as CKV_AWS_145, for the database",
  CKV_AWS_337: "the same, for parameters",
  CKV_AWS_339: "this version of checkov does not know the newest of Kubernetes; ours is cluster-version-is-supported",
  CKV_AWS_374: "members travel; who may register is a setting",
};

const LOOKED_AT = "2027-11-30";
const OF_SST = "2027-05-31";
const waiver = (check: string, resource: string, stage: string, reason: string, expires = LOOKED_AT): Waiver => ({
  rule: `CKV_AWS_${check}`,
  resource,
  stage,
  reason,
  expires,
});

/**
 * Rules of checkov that fail for some resources, each with the reason. If a reason ends with the name of one of our own
 * rules (infra/policy), that rule checks the resources that the waiver excludes.
 */
export const WAIVERS: readonly Waiver[] = [
  ...["*Worker*", "*Database*", "Migrate*", "Ops*", "RouterEdge*"].map((resource) =>
    waiver("115", resource, "*", "Only the API reserves: workers have the maximum of their triggers, others run once."),
  ),
  ...["BreakerWorker*", "DeliveriesWorker*", "MailWorker*", "RouterEdge*"].map((resource) =>
    waiver("117", resource, "*", "Outside of the VPC by design: see the waivers of function-is-in-vpc."),
  ),
  waiver("174", "RouterCdn*", "*", "CloudFront's own certificate while there is no domain: cdn-speaks-tls-1.2."),
  waiver("192", "*Firewall", "*", "Managed rules count until somebody has looked at their matches: docs/deploy.md."),
  waiver("192", "RouterWaf", "*", "Managed rules count until somebody has looked at their matches: docs/deploy.md."),
  waiver("26", "Alarms", "tenant-*", "A key costs as much as all else of an idle tenant; no personal data in alarms."),
  waiver("50", "RouterEdge*", "*", "X-Ray does not record what runs at CloudFront's edge.", OF_SST),
  ...["staging*", "dev", "wulan", "pr-*"].map((stage) =>
    waiver("338", "*", stage, "Logs of stages without members are kept for weeks: log-of-production-is-kept-a-year."),
  ),
  waiver("338", "*", "tenant-*", "Logs of a tenant are kept for less than a year, which its price would not carry."),
  ...["staging*", "dev", "wulan"].map((stage) =>
    waiver("139", "DatabaseCluster", stage, "Removed with their stage: database-refuses-deletion judges the others."),
  ),
  ...["dev", "wulan", "pr-*", "tenant-*"].map((stage) =>
    waiver("68", "RouterCdn*", stage, "The firewall is for stages with a budget for it: cdn-has-firewall."),
  ),
  ...["staging*", "dev", "wulan", "tenant-*"].map((stage) =>
    waiver("353", "DatabaseInstance", stage, "Performance Insights keeps a database awake that would pause."),
  ),
  waiver("354", "Database*", "*", "AWS's key encrypts a week of query texts without their values: as CKV_AWS_145."),
  waiver("290", "Deployer*", "*", "The deployer's limits are the rules of its own concern (infra/policy)."),
  waiver("355", "Deployer*", "*", "The deployer's limits are the rules of its own concern (infra/policy)."),
  ...["135", "23", "88"].map((check) =>
    waiver(check, "VpcBastion*", "dev", "SST makes the bastion of dev, which is reached from named addresses.", OF_SST),
  ),
];
