import type { Stage } from "../stage-shape.ts";

/** A resource as requested from its provider: evaluated in the tests, or passed to the policy pack by Pulumi. */
export interface Resource {
  /** Pulumi's type token, such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** The logical name. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Values that the provider computed; absent if only the inputs are known. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Absent if unknown: Pulumi does not tell a policy whether a resource is retained. */
  readonly options?: { readonly retainOnDelete?: boolean; readonly parent?: string };
}

/** The stage to which the resources belong, and the circumstances of its evaluation. */
export interface Context {
  readonly stage: Stage;
  /** Whether the stage is evaluated under `sst dev`, where SST puts a bridge between the functions and AWS. */
  readonly isDev: boolean;
  /** The name that waivers use: the stage, or the variant that a test evaluates. */
  readonly label: string;
}

/** Returns the value at a path such as `vpcConfig.subnetIds` in a resource's inputs, or in any other value. */
export function at(value: unknown, path: string): unknown {
  const start = isResource(value) ? value.inputs : value;
  return path
    .split(".")
    .reduce<unknown>(
      (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
      start,
    );
}

const isResource = (value: unknown): value is Resource =>
  typeof value === "object" && value !== null && "type" in value && "name" in value && "inputs" in value;

export const text = (value: unknown, path?: string): string => {
  const found = path === undefined ? value : at(value, path);
  return typeof found === "string" ? found : "";
};
/** Returns the list at a path; an empty list if the value is not a list. */
export const list = (value: unknown, path?: string): unknown[] => {
  const found = path === undefined ? value : at(value, path);
  return Array.isArray(found) ? found : [];
};
/**
 * Returns the number at a path, which providers may also write as a string; NaN if there is none, so that every
 * comparison is false.
 */
export const number = (value: unknown, path: string): number => {
  const found = at(value, path);
  return typeof found === "number" || (typeof found === "string" && found !== "") ? Number(found) : Number.NaN;
};

/** Returns the last part of an ARN, a URL or a name, by which references are compared. */
export const tail = (name: string): string => name.split(/[:/]/).at(-1) ?? "";
export const arnOf = (resource: Resource): string => text(resource.outputs, "arn") || text(resource, "arn");
/** Returns whether `reference` (an ARN, URL, name or id) refers to this resource. */
export const isNamed = (resource: Resource, reference: unknown): boolean => {
  const wanted = text(reference);
  if (wanted === "") return false;
  if (wanted === arnOf(resource)) return true;
  return ["name", "bucket", "url", "id"].some((key) => {
    const own = text(resource.outputs, key) || text(resource, key);
    return own !== "" && (own === wanted || tail(own) === tail(wanted));
  });
};
