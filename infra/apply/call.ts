import type { Resource } from "../evaluate/resource.ts";

export type Inputs = Readonly<Record<string, unknown>>;

/**
 * One call of an AWS API. Parameters have the names of the API except for case (`vpcId` for `VpcId`). `apply.py`
 * restores the exact names, turns single values into lists and lists into `{ Quantity, Items }` where the service's
 * model requires it, and rejects unknown parameters.
 */
export interface Call {
  /** The name of the service in botocore, such as `ec2`. */
  readonly service: string;
  readonly operation: string;
  readonly params: Inputs;
  /**
   * For each value that the evaluation invented, such as a resource id: where the response contains the real value (a
   * JMESPath).
   */
  readonly made?: Readonly<Record<string, string>>;
  /**
   * True if the call is checked against botocore's model but not sent, since a deployment sends it only when it removes
   * the resource.
   */
  readonly isOnlyChecked?: boolean;
}

/** The calls that create one resource, in order, or the reason why it needs no call. */
export type Translation = readonly Call[] | { readonly none: string };
export type Translator = (inputs: Inputs, resource: Resource) => Translation;

/** Builds a call with parameters renamed (`{ name: "alarmName" }`) or left out (`{ forceDestroy: undefined }`). */
export function call(
  [service, operation]: readonly [service: string, operation: string],
  inputs: Inputs,
  renames: Readonly<Record<string, string | undefined>> = {},
  made?: Call["made"],
): Call {
  const params = Object.entries(inputs).flatMap(([key, value]): [string, unknown][] => {
    const name = Object.hasOwn(renames, key) ? renames[key] : key;
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
  return { service, operation, params: Object.fromEntries(params), ...(made ? { made } : {}) };
}

/**
 * Returns the configured name, or else a name like those that the provider generates: the logical name and seven hex
 * digits.
 */
export const nameOf = (inputs: Inputs, { name }: Resource, key = "name"): unknown => inputs[key] ?? `${name}-0123456`;

export const recordOf = (value: unknown): Inputs =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const recordsOf = (value: unknown): readonly Inputs[] => listOf(value).map(recordOf);
export const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Converts tags from `{ a: "b" }` to `[{ key: "a", value: "b" }]`; the result is `{}` if there are no tags. */
export const tagsOf = (inputs: Inputs): { readonly tags?: readonly Inputs[] } =>
  inputs["tags"] === undefined
    ? {}
    : { tags: Object.entries(recordOf(inputs["tags"])).map(([key, value]) => ({ key, value })) };
