import type { Evaluation } from "./resource.ts";

/** The key by which Pulumi marks an object as a secret; the property `value` is what the provider receives. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
/** The suffix that SST appends to physical names when its random bytes are {@link noRandom}. */
const SUFFIX = "-waevafvr";
/**
 * Replaces `crypto.randomBytes`, so that the suffix is constant. Removing suffixes by a pattern would truncate words
 * such as `no-referrer`, which look the same.
 */
export const noRandom = (size: number): Buffer => Buffer.alloc(size, 1);

/**
 * Removes the parts of an evaluation that differ between runs: random suffixes, directories and the order of keys. It
 * also unwraps secrets, and drops closures of dynamic providers.
 * @param directories absolute paths, which are removed from the start of strings
 */
export function normalise(evaluation: Evaluation, directories: readonly string[]): Evaluation {
  const clean = (value: unknown): unknown => {
    if (typeof value === "string")
      return directories.reduce((text, directory) => text.replaceAll(directory, ""), value).replaceAll(SUFFIX, "");
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== "object" || value === null) return value;
    if (SIGNATURE in value) return clean("value" in value ? value.value : (Reflect.get(value, "path") ?? "[asset]"));
    const entries = Object.entries(value).filter(([key, each]) => each !== undefined && key !== "__provider");
    return Object.fromEntries(
      entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, clean(each)]),
    );
  };
  const cleanRecord = (value: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(value)
        .filter(([key, each]) => each !== undefined && key !== "__provider")
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, each]) => [key, clean(each)]),
    );
  return {
    ...evaluation,
    outputs: cleanRecord(evaluation.outputs),
    resources: evaluation.resources.map((resource) => ({
      ...resource,
      id: resource.id.replaceAll(SUFFIX, ""),
      inputs: cleanRecord(resource.inputs),
      outputs: cleanRecord(resource.outputs),
    })),
  };
}
