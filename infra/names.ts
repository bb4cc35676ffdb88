import { createHash } from "node:crypto";

/**
 * Maximum length of a name in each service where we choose the name, in characters (the services' API references,
 * 2026).
 */
export const NAME_LIMITS = {
  backupPlan: 50,
  backupVault: 50,
  budget: 100,
  cloudFrontPolicy: 128,
  codeDeployApplication: 100,
  dashboard: 255,
  /**
   * Bucket names have 63 characters, of which 13 are a hyphen and the account id: bucket names are unique across all
   * accounts.
   */
  bucketOfAccount: 50,
  databaseCluster: 63,
  /**
   * Database snapshot names have 63 characters, of which 9 distinguish the snapshots of a stage that was removed more
   * than once.
   */
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

/**
 * Number of hex digits of the hash at the end of a shortened name. Among a thousand stages of one account, the
 * probability of a collision is 1 in 34.
 */
const HASH_DIGITS = 6;

/**
 * Returns a name that is the same at every deployment: `app-stage-what`. If that is too long for the service, the
 * name is truncated and ends with a hash of the full name, so that two stages never share a name.
 */
export function resourceName(app: string, stage: string, what: string, thing: NamedThing): string {
  const limit = NAME_LIMITS[thing];
  const whole = `${app}-${stage}-${what}`;
  if (whole.length <= limit) return whole;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, HASH_DIGITS);
  const beginning = whole.slice(0, limit - HASH_DIGITS - 1).replace(/-+$/, "");
  return `${beginning}-${hash}`;
}
