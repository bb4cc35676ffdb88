import type { Resource } from "../../../infra/policy/resource.ts";

/** A violation of one rule: resources that pass, and one change that makes them fail. */
export interface Violation {
  /** The variant, or `kubernetes`, whose resources pass the rule. */
  readonly base: string;
  /** The resource that the rule reports after the change. */
  readonly finds: string;
  /** Changes the resources so that they pass the rule, if they do not pass as they are. */
  readonly fix: (resources: readonly Resource[]) => readonly Resource[];
  readonly spoil: (resources: readonly Resource[]) => readonly Resource[];
}

type Changes = Readonly<Record<string, unknown>>;
interface More {
  readonly finds?: string;
  readonly fix?: Changes;
  readonly base?: string;
}

/** The variant that has every kind of resource except those of Kubernetes. */
const RICHEST = "production with a domain, warm";
export const NO_RESOURCE = "(none)";
const same = (resources: readonly Resource[]) => resources;
/** Returns whether a name means this resource. SST's component of the same name is not meant. */
const isMeant = (resource: Resource, name: string) => resource.name === name && !resource.type.startsWith("sst:");

/** Sets the inputs of a resource at paths such as `tags.Name`; undefined removes the input. */
export const set = (on: string, changes: Changes, { finds = on, fix = {}, base = RICHEST }: More = {}): Violation => ({
  base,
  finds,
  fix: (resources) => changed(resources, on, fix),
  spoil: (resources) => changed(resources, on, changes),
});

/** Removes resources. */
export const gone = (names: string | readonly string[], finds: string = NO_RESOURCE, base = RICHEST): Violation => ({
  base,
  finds,
  fix: same,
  spoil: (resources) => resources.filter((one) => ![names].flat().some((name) => isMeant(one, name))),
});

/** Adds a resource that the rule forbids. */
export const add = (type: string, inputs: Changes = {}, base = RICHEST): Violation => ({
  base,
  finds: "Added",
  fix: same,
  spoil: (resources) => [...resources, { type, name: "Added", inputs }],
});

/** Removes the option that retains a resource. It is an option, not an input. */
export const forget = (name: string): Violation => ({
  base: RICHEST,
  finds: name,
  fix: same,
  spoil: (resources) =>
    resources.map((one) => (isMeant(one, name) ? { ...one, options: { ...one.options, retainOnDelete: false } } : one)),
});

function changed(resources: readonly Resource[], name: string, changes: Changes): Resource[] {
  return resources.map((one) => {
    if (!isMeant(one, name)) return one;
    const entries = Object.entries(changes);
    return {
      ...one,
      inputs: entries.reduce((inputs, [path, value]) => put(inputs, path.split("."), value), one.inputs),
    };
  });
}

function put(inner: unknown, [key = "", ...rest]: readonly string[], value: unknown): Record<string, unknown> {
  const copy: Record<string, unknown> = { ...Object(inner) };
  copy[key] = rest.length === 0 ? value : put(copy[key], rest, value);
  if (!Array.isArray(inner)) return copy;
  // A changed list stays a list, and keeps its other elements.
  return Object.assign([], inner, { [key]: copy[key] });
}

/** Returns an IAM policy with one statement, as a string. */
export const policy = (statement: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
/** Returns the inputs of a role whose inline policy allows this action. */
export const may = (Action: string | readonly string[], on = "arn:aws:sqs:us-east-1:123456789012:one") => ({
  inlinePolicies: [{ name: "it", policy: policy({ Action, Resource: on }) }],
});
