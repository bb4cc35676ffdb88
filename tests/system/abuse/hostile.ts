import type { Operation, Schema } from "../../unit/contract/document.ts";

/** Size of a hostile value, in bytes. A body may have 1 MiB, of which 4 KiB are left for the other fields. */
const BYTES = 1024 * 1024 - 4096;
const MARK = "@hostile@";

export interface Hostile {
  /** Describes the body: operation, field, and kind of hostile value. */
  readonly name: string;
  readonly kind: string;
  readonly text: string;
}

function repeated(piece: (at: number) => string): string {
  const pieces: string[] = [];
  for (let [at, bytes] = [0, 0]; bytes < BYTES - 50; at += 1) {
    const one = piece(at);
    pieces.push(one);
    bytes += one.length + 1;
  }
  return pieces.join(",");
}

const MAPS = {
  "an object of many fields": `{${repeated((at) => `"k${at}":1`)}}`,
  "an object with one name of emoji": `{"${"😀".repeat(BYTES / 4)}":1}`,
  "an object that nests": `{"a":${"[".repeat(25)}${repeated(() => "[[]]")}${"]".repeat(25)}}`,
};
const LISTS = {
  "a list of numbers": `[${repeated(() => "1")}]`,
  "a list of texts": `[${repeated(() => '""')}]`,
  "a list of objects": `[${repeated(() => "{}")}]`,
};
const TEXTS = {
  "a long text of spaces": `"${" ".repeat(BYTES)}"`,
  "a long text of emoji": `"${"😀".repeat(BYTES / 4)}"`,
  "a long text of marks": `"${"a\u0300".repeat(BYTES / 3)}"`,
  "a long address": `"${"a.".repeat(BYTES / 2)}@example.org"`,
};
const NUMBERS = { "a long number": "1".repeat(BYTES) };

/**
 * The most expensive values for a field of this type. For an object, also lists, since a parser may confuse the two.
 */
function fillings({ type }: Schema): Readonly<Record<string, string>> {
  const types = [type].flat();
  if (types.includes("array")) return { ...LISTS, ...MAPS };
  if (types.includes("string")) return TEXTS;
  if (types.includes("number") || types.includes("integer")) return NUMBERS;
  return { ...MAPS, "a list of numbers": LISTS["a list of numbers"] };
}

const toSchema = (value: unknown): Schema =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};

interface Place {
  readonly at: readonly string[];
  readonly schema: Schema;
}

/** Returns all fields of a body: the path of each, as a list of names, and its schema. */
function placesOf(schema: Schema, at: readonly string[] = []): Place[] {
  const variants = [schema["anyOf"], schema["oneOf"]].flatMap((list) => (Array.isArray(list) ? list : []));
  const inner = [
    ...Object.entries(toSchema(schema["properties"])).map(([name, child]) => [name, child] as const),
    ...(schema["items"] === undefined ? [] : [["0", schema["items"]] as const]),
  ];
  return [
    ...(variants.length > 0 ? [] : [{ at, schema }]),
    ...variants.flatMap((variant) => placesOf(toSchema(variant), at)),
    ...inner.flatMap(([name, child]) => placesOf(toSchema(child), [...at, name])),
  ];
}

/** Returns the example body with {@link MARK} as the value of one field. */
function marked(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return MARK;
  if (name === "0") return [marked(Array.isArray(value) ? value[0] : undefined, rest)];
  const fields = toSchema(value);
  return { ...fields, [name]: marked(fields[name], rest) };
}

/**
 * Yields the largest hostile bodies of an operation: some for each field, or for the whole body if the operation has no
 * schema of a body.
 */
export function* hostileBodies({ id, body, example }: Operation): Generator<Hostile> {
  const seen = new Set<string>();
  for (const { at, schema } of placesOf(body ?? { type: "object" })) {
    const place = at.join(".") || "body";
    for (const [kind, hostile] of Object.entries(fillings(schema))) {
      const name = `${id} ${place}: ${kind}`;
      if (seen.has(name)) continue;
      seen.add(name);
      const [before = "", after = ""] = JSON.stringify(marked(example ?? {}, at)).split(`"${MARK}"`);
      yield { name, kind, text: `${before}${hostile}${after}` };
    }
  }
}
