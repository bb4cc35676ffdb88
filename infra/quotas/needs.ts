import type { Stage } from "../stage-shape.ts";

/**
 * Quotas of an account and region that a stage may exceed (AWS General Reference; the values of new accounts were
 * observed in 2026).
 */
export const QUOTAS = {
  concurrency: { service: "lambda", code: "L-B99A9384", name: "Concurrent executions", ask: 1000 },
  elasticIps: { service: "ec2", code: "L-0263D0A3", name: "EC2-VPC Elastic IPs", ask: 10 },
  vpcs: { service: "vpc", code: "L-F678F1CE", name: "VPCs per Region", ask: 10 },
} as const;
export type Quota = keyof typeof QUOTAS;
export const QUOTA_NAMES = ["concurrency", "elasticIps", "vpcs"] as const satisfies readonly Quota[];

/**
 * The limit and usage of each quota, and whether AWS has verified that the account may create CloudFront
 * distributions (undefined if unknown).
 */
export interface Account {
  readonly limits: Readonly<Record<Quota, number>>;
  /**
   * Usage by resources other than this stage's. Concurrency is shared by all functions of the account, so other stages
   * use none of it permanently.
   */
  readonly used: Readonly<Record<Quota, number>>;
  readonly hasDistributions?: boolean;
}

/** Number of concurrent API requests that a stage needs: a few members, each with a page that sends several requests. */
const API_AT_ONCE = 10;
/** Concurrency of the triggers of `breaker` and `mail`: two invocations each, the minimum of SQS. */
const SMALL_TRIGGERS = 4;

/**
 * Returns how much of each quota a stage needs. Concurrency is the sum of all triggers' maxima and {@link
 * API_AT_ONCE}.
 */
export function needsOf(stage: Stage): Readonly<Record<Quota, number>> {
  const triggers = stage.hasEks
    ? 0
    : Object.values(stage.workerConcurrency).reduce((sum, each) => sum + each, SMALL_TRIGGERS);
  return {
    concurrency: triggers + API_AT_ONCE + stage.api.provisionedConcurrency,
    elasticIps: stage.isGuest ? 0 : { "nat-gateways": stage.zones, "nat-instance": 1, ipv6: 0 }[stage.egress],
    vpcs: stage.isGuest ? 0 : 1,
  };
}

/**
 * Returns a sentence for each quota that is too small, with the value to request from AWS; an empty list if the stage
 * fits.
 */
export function problemsOfQuotas(stage: Stage, { limits, used, hasDistributions }: Account): string[] {
  const needs = needsOf(stage);
  const small = QUOTA_NAMES.filter((quota) => used[quota] + needs[quota] > limits[quota]).map((quota) => {
    const { service, code, name, ask } = QUOTAS[quota];
    const taken = used[quota] > 0 ? `, of which ${used[quota]} are taken` : "";
    const wanted = Math.max(ask, used[quota] + needs[quota]);
    return `"${name}" is ${limits[quota]}${taken}; the stage needs ${needs[quota]}. Ask for ${wanted}: aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value ${wanted}`;
  });
  const unverified =
    hasDistributions === false
      ? [
          `this account has no distribution of CloudFront yet. AWS refuses the first one of a new account until it is verified ("Your account must be verified"): open a case in AWS Support (Account and billing, CloudFront) before the deployment`,
        ]
      : [];
  return [...small, ...unverified];
}
