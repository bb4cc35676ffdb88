import type { Resource } from "../evaluate/resource.ts";

export type Inputs = Readonly<Record<string, unknown>>;

/**
 * One call of an AWS API. Parameters have the names of the API up to case (`vpcId` for `VpcId`); `apply.py` gives them the exact names,
 * makes lists of single values and `{ Quantity, Items }` of lists where the service's model asks for it, and refuses what it does not know.
 */
export interface Call {
  /** As botocore names the service, such as `ec2`. */
  readonly service: string;
  readonly operation: string;
  readonly params: Inputs;
  /** Maps a value of the evaluation to the real one in the response, by its JMESPath. */
  readonly made?: Readonly<Record<string, string>>;
  /** Checked against the model but not sent: a removal would make this call. */
  readonly isOnlyChecked?: boolean;
}

/** The calls of one resource, in order, or the reason why it needs none. */
export type Translation = readonly Call[] | { readonly none: string };
export type Translator = (inputs: Inputs, resource: Resource) => Translation;

/** A call with parameters that were renamed (`{ name: "alarmName" }`) or left out (`{ forceDestroy: undefined }`). */
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

/** The name that the provider generates if the configuration has none: the logical name and seven hex digits. */
export const nameOf = (inputs: Inputs, { name }: Resource, key = "name"): unknown => inputs[key] ?? `${name}-0123456`;

export const recordOf = (value: unknown): Inputs =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const recordsOf = (value: unknown): readonly Inputs[] => listOf(value).map(recordOf);
export const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** `{ a: "b" }` as `[{ key: "a", value: "b" }]`; nothing where there are no tags. */
export const tagsOf = (inputs: Inputs): { readonly tags?: readonly Inputs[] } =>
  inputs["tags"] === undefined
    ? {}
    : { tags: Object.entries(recordOf(inputs["tags"])).map(([key, value]) => ({ key, value })) };
