import type { Result } from "./apply.ts";

/**
 * Calls that moto 5.2.5 does not support, each with the reason. They are still checked against botocore's models. A
 * call of this list that succeeds must be removed from it; a call that fails without an entry here fails the run.
 */
const GAPS: readonly { readonly call: RegExp; readonly reason: string }[] = [
  {
    call: / (CreateCachePolicy|CreateResponseHeadersPolicy)$/,
    reason: "moto implements no policies of CloudFront",
  },
  {
    call: /:(ParameterGroup) \w+ (CreateCacheParameterGroup|ModifyCacheParameterGroup #2)$/,
    reason: "moto implements no parameter groups of ElastiCache",
  },
  {
    call: / (CreateUserGroup|CreateServerlessCache)$/,
    reason: "moto implements neither ElastiCache Serverless nor its groups of users",
  },
  {
    call: / PutProvisionedConcurrencyConfig$/,
    reason: "moto implements no provisioned concurrency",
  },
  {
    call: / (CreateAccessEntry|AssociateAccessPolicy|CreateAddon|CreatePodIdentityAssociation)$/,
    reason: "moto implements clusters and node groups of EKS, and nothing inside of a cluster",
  },
  {
    call: /:SecurityGroupIngressRule \w+FromPods AuthorizeSecurityGroupIngress$/,
    reason: "moto makes no security group for an EKS cluster, which this rule lets in",
  },
];

const GOOD = ["applied", "checked"];

/** Returns the reason why this call is expected to fail; undefined if it should succeed. */
export const gapOf = ({ id }: Result): string | undefined => GAPS.find(({ call }) => call.test(id))?.reason;

/** Returns one sentence for each failure that is not a known gap, and for each known gap that no longer fails. */
export function faultsOf(results: readonly Result[]): string[] {
  return results.flatMap((result) => {
    const isGood = GOOD.includes(result.status);
    const gap = gapOf(result);
    if (isGood && gap !== undefined && result.status === "applied")
      return [`${result.id} was applied: take it off the list in infra/apply/gaps.ts (${gap})`];
    // A call that the model rejects is a fault even if moto has a known gap for it.
    if (isGood || (gap !== undefined && result.status !== "invalid")) return [];
    return [`${result.id} (${result.status}): ${result.message ?? ""}`];
  });
}
