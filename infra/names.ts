import { createHash } from "node:crypto";

/** The longest name that each service takes, in characters, where we choose it (the services' API references, 2026). */
export const NAME_LIMITS = {
  backupPlan: 50,
  backupVault: 50,
  budget: 100,
  cloudFrontPolicy: 128,
  codeDeployApplication: 100,
  dashboard: 255,
  /** 63 for a bucket, of which 13 are a hyphen and the account: names of buckets are the same for all accounts. */
  bucketOfAccount: 50,
  databaseCluster: 63,
  /** 63, of which 9 distinguish the snapshots of a stage that was removed more than once. */
  databaseSnapshot: 54,
  elastiCache: 40,
  eksCluster: 100,
  function: 64,
  logDelivery: 60,
  originAccessControl: 64,
  logGroup: 512,
  alarm: 255,
  policy: 128,
  role: 64,
  rule: 64,
  schedule: 64,
  tag: 256,
  topic: 256,
  webAcl: 128,
} as const;
export type NamedThing = keyof typeof NAME_LIMITS;

/** Hex digits of the hash that ends a shortened name: of a thousand stages of one account, two collide in 1 case of 34. */
const HASH_DIGITS = 6;

/**
 * A name that is the same at every deployment: `app-stage-what`, or where that is too long for the service its beginning and a hash
 * of the whole, so that two stages never share one.
 */
export function resourceName(app: string, stage: string, what: string, thing: NamedThing): string {
  const limit = NAME_LIMITS[thing];
  const whole = `${app}-${stage}-${what}`;
  if (whole.length <= limit) return whole;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, HASH_DIGITS);
  const beginning = whole.slice(0, limit - HASH_DIGITS - 1).replace(/-+$/, "");
  return `${beginning}-${hash}`;
}
