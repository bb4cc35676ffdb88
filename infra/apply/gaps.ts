import type { Result } from "./apply.ts";

/**
 * Calls that moto 5.2.5 does not support, each with the reason. botocore's models still check them. An entry that no longer fails must be
 * removed, and a failure without an entry fails the run.
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

/** The reason why this call is expected to fail. */
export const gapOf = ({ id }: Result): string | undefined => GAPS.find(({ call }) => call.test(id))?.reason;

/** Problems of the results, one sentence each: failures that are no known gap, and known gaps that no longer fail. */
export function faultsOf(results: readonly Result[]): string[] {
  return results.flatMap((result) => {
    const isGood = GOOD.includes(result.status);
    const gap = gapOf(result);
    if (isGood && gap !== undefined && result.status === "applied")
      return [`${result.id} was applied: take it off the list in infra/apply/gaps.ts (${gap})`];
    // A refusal by the model is never excused as a gap of moto.
    if (isGood || (gap !== undefined && result.status !== "invalid")) return [];
    return [`${result.id} (${result.status}): ${result.message ?? ""}`];
  });
}
