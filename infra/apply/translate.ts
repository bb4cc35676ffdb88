import type { Evaluation, Resource } from "../evaluate/resource.ts";
import type { Call, Translation, Translator } from "./call.ts";
import { compute } from "./compute.ts";
import { data } from "./data.ts";
import { edge } from "./edge.ts";
import { network } from "./network.ts";

/** A call of one resource of a stage. */
export interface ResourceCall extends Call {
  /** `type name operation`, and a number where a resource calls an operation several times. */
  readonly id: string;
  readonly resource: string;
  readonly region: string;
}

const TRANSLATORS: Readonly<Record<string, Translator>> = { ...network, ...data, ...compute, ...edge };

/** Resources without AWS API calls, each with the reason. */
const OUTSIDE: readonly (readonly [type: RegExp, reason: string])[] = [
  [/^(sst|pulumi):/, "components, links and providers are Pulumi's bookkeeping"],
  [/^(random|tls):/, "computed on the deployer's machine"],
  [/^pulumi-nodejs:/, "code of SST that runs inside of the deployment: routes into the key-value store, and waiting"],
  [/^kubernetes:/, "objects of the cluster's API: tests/infra/kubernetes-schema.test.ts checks them"],
];

const REGION = "us-east-1";

/**
 * The calls of one resource.
 * @throws Error for a type that has no translator: it would be applied to an account without having been checked
 */
export function translate(resource: Resource): Translation {
  const translator = TRANSLATORS[resource.type];
  if (translator) return translator(resource.inputs, resource);
  const outside = OUTSIDE.find(([type]) => type.test(resource.type));
  if (outside) return { none: outside[1] };
  throw new Error(`${resource.type} ${resource.name} has no translation into calls of AWS: add one to infra/apply/`);
}

/** All calls of a stage, in an order that its dependencies allow. */
export function callsOf({ resources }: Evaluation, order: Order = "first"): ResourceCall[] {
  const calls = new Map(resources.map((resource) => [resource, translate(resource)]));
  return inOrder(resources, order, makersOf(calls)).flatMap((resource) => {
    const own = calls.get(resource);
    if (own === undefined || "none" in own) return [];
    const name = `${resource.type} ${resource.name}`;
    return own.map((call, index) => ({
      ...call,
      id: `${name} ${call.operation}${index === 0 ? "" : ` #${index + 1}`}`,
      resource: name,
      region: resource.options.region ?? regionIn(resource.inputs) ?? REGION,
    }));
  });
}

const regionIn = ({ region }: Resource["inputs"]) => (typeof region === "string" ? region : undefined);

/** The values in the response to a call, and the resource of the call. */
function makersOf(calls: ReadonlyMap<Resource, Translation>): ReadonlyMap<string, Resource> {
  return new Map(
    [...calls].flatMap(([resource, own]) =>
      "none" in own
        ? []
        : own.flatMap(({ made = {} }) => Object.keys(made).map((value): [string, Resource] => [value, resource])),
    ),
  );
}

/**
 * The order of creation: from the first resource of the alphabet or from the last, each directly after its
 * dependencies. Pulumi creates resources in parallel, so both orders have to work: of two resources without a
 * dependency, most are created in one order here and in the other there.
 */
export type Order = "first" | "last";

/**
 * @param makers of evaluated values: a resource that is given one comes after its maker even where SST has lost the edge
 * @throws Error when resources wait for each other
 */
export function inOrder(
  resources: readonly Resource[],
  order: Order,
  makers: ReadonlyMap<string, Resource> = new Map(),
): Resource[] {
  const ordered = new Set<Resource>();
  const visit = (resource: Resource, path: readonly Resource[]) => {
    if (ordered.has(resource)) return;
    if (path.includes(resource))
      throw new Error(`these wait for each other: ${path.map(({ name }) => name).join(", ")}`);
    const inputs = JSON.stringify(resource.inputs);
    const named = resources.filter(({ name }) => resource.options.dependencies.includes(name));
    const givers = [...makers].flatMap(([value, maker]) => (inputs.includes(value) ? [maker] : []));
    const objects = objectsBefore(resource, resources);
    for (const needed of [...named, ...givers, ...objects]) if (needed !== resource) visit(needed, [...path, resource]);
    ordered.add(resource);
  };
  for (const resource of order === "first" ? resources : resources.toReversed()) visit(resource, []);
  return [...ordered];
}

/**
 * The objects of the bucket whose policy this is. AWS takes them in either order; moto 5.2.5 denies every upload after
 * the policy, because it answers plain HTTP and the policy requires TLS.
 */
function objectsBefore(policy: Resource, resources: readonly Resource[]): Resource[] {
  if (policy.type !== "aws:s3/bucketPolicy:BucketPolicy") return [];
  return resources.filter(
    ({ type, inputs }) =>
      type === "aws:s3/bucketObjectv2:BucketObjectv2" && inputs["bucket"] === policy.inputs["bucket"],
  );
}
