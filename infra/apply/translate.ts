import type { Evaluation, Resource } from "../evaluate/resource.ts";
import type { Call, Translation, Translator } from "./call.ts";
import { compute } from "./compute.ts";
import { data } from "./data.ts";
import { edge } from "./edge.ts";
import { network } from "./network.ts";

/** A call that creates a resource of a stage. */
export interface ResourceCall extends Call {
  /** `type name operation`, followed by a number if a resource calls an operation several times. */
  readonly id: string;
  readonly resource: string;
  readonly region: string;
}

const TRANSLATORS: Readonly<Record<string, Translator>> = { ...network, ...data, ...compute, ...edge };

/** Types of resources that need no AWS API calls, each with the reason. */
const OUTSIDE: readonly (readonly [type: RegExp, reason: string])[] = [
  [/^(sst|pulumi):/, "components, links and providers are Pulumi's bookkeeping"],
  [/^(random|tls):/, "computed on the deployer's machine"],
  [/^pulumi-nodejs:/, "code of SST that runs inside of the deployment: routes into the key-value store, and waiting"],
  [/^kubernetes:/, "objects of the cluster's API: tests/infra/kubernetes-schema.test.ts checks them"],
];

const REGION = "us-east-1";

/**
 * Returns the calls that create one resource.
 * @throws Error if the type has no translator: such a resource would be deployed without having been checked
 */
export function translate(resource: Resource): Translation {
  const translator = TRANSLATORS[resource.type];
  if (translator) return translator(resource.inputs, resource);
  const outside = OUTSIDE.find(([type]) => type.test(resource.type));
  if (outside) return { none: outside[1] };
  throw new Error(`${resource.type} ${resource.name} has no translation into calls of AWS: add one to infra/apply/`);
}

/** Returns all calls of a stage, in an order that respects its dependencies. */
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

/** Maps each value that a response contains to the resource whose call returns it. */
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
 * The order in which resources are created: `first` is by type and name, `last` is the reverse; both create the
 * dependencies of a resource before it. Pulumi creates resources in parallel, so any order of independent
 * resources must work. Most pairs of independent resources have opposite orders in `first` and `last`.
 */
export type Order = "first" | "last";

/**
 * Sorts resources so that each comes after its dependencies.
 * @param makers the resource that creates each evaluated value: a resource whose inputs contain the value comes after
 * its maker, even if SST has lost the dependency
 * @throws Error when resources depend on each other in a cycle
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
 * Returns the objects of the bucket to which this policy belongs, so that they are uploaded before the policy. AWS
 * accepts either order; moto 5.2.5 denies every upload after the policy, because moto serves plain HTTP and the
 * policy requires TLS.
 */
function objectsBefore(policy: Resource, resources: readonly Resource[]): Resource[] {
  if (policy.type !== "aws:s3/bucketPolicy:BucketPolicy") return [];
  return resources.filter(
    ({ type, inputs }) =>
      type === "aws:s3/bucketObjectv2:BucketObjectv2" && inputs["bucket"] === policy.inputs["bucket"],
  );
}
