/** Allows some resources to break a rule, for a reason, until a date. */
export interface Waiver {
  readonly rule: string;
  /** Logical name of the resource; `*` matches any string. */
  readonly resource: string;
  /** Stage, or variant of it in the tests; `*` matches any string. */
  readonly stage: string;
  readonly reason: string;
  /** The last day on which the waiver is valid, such as 2026-12-31. Afterwards the waiver must be reviewed. */
  readonly expires: string;
}

/**
 * Expiry of waivers for keys: a customer-managed key costs a dollar a month, as much as the rest of an idle tenant,
 * and would add no protection here.
 */
const OWN_KEYS = "2027-11-30";
/** Expiry of waivers for properties that SST 4.17.1 sets. An upgrade of SST must review these waivers earlier. */
const OF_SST = "2027-05-31";

export const WAIVERS: readonly Waiver[] = [
  {
    rule: "secret-is-rotated",
    resource: "*ProxySecret",
    stage: "*",
    reason:
      "Copies that SST makes of the passwords of database and cache, which the functions carry sealed: a rotation behind SST's back would lock them out. They change with a deployment.",
    expires: OF_SST,
  },
  ...["DeliveriesWorkerFunction", "BreakerWorkerFunction", "MailWorkerFunction"].map((resource) => ({
    rule: "function-is-in-vpc",
    resource,
    stage: "*",
    reason:
      "infrastructure.md §3: the senders work from the message alone, outside of the VPC, so that three days of retries need neither a NAT nor the database.",
    expires: OWN_KEYS,
  })),
  {
    rule: "function-is-in-vpc",
    resource: "RouterEdgeFunction",
    stage: "*",
    reason: "Runs at CloudFront's edge, where there is no VPC.",
    expires: OF_SST,
  },
  {
    rule: "role-has-few-managed-policies",
    resource: "BackupRole",
    stage: "*",
    reason:
      "AWS Backup's own role, whose list of actions AWS keeps; it is assumed by that service for this account alone.",
    expires: OF_SST,
  },
  {
    rule: "role-has-few-managed-policies",
    resource: "RouterEdgeFunctionRole",
    stage: "*",
    reason:
      "SST makes this role; its function logs in whichever region is nearest to the caller, which that policy allows and no name could.",
    expires: OF_SST,
  },
  {
    rule: "cdn-of-production-has-own-certificate",
    resource: "RouterCdnDistribution",
    stage: "production*",
    reason: "The domain is a setting (GOTONG_DOMAIN): a first deployment may come before the name is decided.",
    expires: "2027-02-28",
  },
  ...[
    "function-runs-on-arm",
    "function-runtime-is-supported",
    "role-trusts-services-only",
    "role-names-its-actions",
    "role-names-its-resources",
    "role-cannot-delete-evidence",
  ].map((rule) => ({
    rule,
    resource: "*",
    stage: "* under sst dev",
    reason:
      "Under `sst dev` a bridge of SST's stands in for each function, with a role that the developer's own machine assumes. Only in personal stages.",
    expires: OF_SST,
  })),
];
