import fc from "fast-check";
import type { Schema } from "../../unit/contract/document.ts";

/** Placeholder for an id that exists only when the request is sent. */
export const ID = "@id:";

const anyId = fc.oneof(
  { weight: 4, arbitrary: fc.nat(10_000).map((n) => `${ID}${n}`) },
  { weight: 1, arbitrary: fc.uuid() },
);
const SOON_MS = 86_400_000;
const moment = fc.integer({ min: 0, max: 3 * SOON_MS }).map((ago) => new Date(Date.now() - ago).toISOString());

/** Generates values that match a schema of the document. Rules beyond the schema may still reject them. */
export function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  if ("const" in schema) return fc.constant(schema["const"]);
  const values = schema["enum"];
  if (Array.isArray(values)) return fc.constantFrom(...values);
  const variants = schema["oneOf"] ?? schema["anyOf"];
  if (Array.isArray(variants)) return fc.oneof(...variants.map(valuesOf));
  switch (schema["type"]) {
    case "object":
      return objects(schema);
    case "array":
      return fc.array(valuesOf(toSchema(schema["items"])), { maxLength: Math.min(numberIn(schema, "maxItems", 3), 3) });
    case "string":
      return texts(schema);
    case "integer":
      return fc.integer({ min: numberIn(schema, "minimum", -1_000), max: numberIn(schema, "maximum", 1_000_000) });
    case "number":
      return fc.double({ min: numberIn(schema, "minimum", -1e6), max: numberIn(schema, "maximum", 1e6), noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objects(schema: Schema): fc.Arbitrary<unknown> {
  const properties = Object.entries(toSchema(schema["properties"])).map(
    ([name, inner]): [string, fc.Arbitrary<unknown>] => [name, valuesOf(toSchema(inner))],
  );
  if (properties.length === 0)
    return fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 4 });
  const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
  const fields: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(properties);
  return fc.record(fields, { requiredKeys: required });
}

function texts(schema: Schema): fc.Arbitrary<string> {
  const { format, pattern } = schema;
  if (format === "uuid") return anyId;
  if (format === "email") return fc.stringMatching(/^[a-z]{3,10}@example\.org$/);
  if (typeof pattern === "string" && pattern.includes("T\\d{2}:")) return moment;
  const [minLength, maxLength] = [numberIn(schema, "minLength", 0), Math.min(numberIn(schema, "maxLength", 60), 60)];
  // Patterns that exclude characters are not used for generation: it is easier to filter the generated strings.
  if (typeof pattern === "string" && !pattern.includes("\\u00") && !pattern.includes("[^"))
    return fc.stringMatching(new RegExp(pattern, "u"));
  return fc.string({ minLength, maxLength, unit: "grapheme" });
}

const WEIRD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  "",
  " ",
  "\u0000",
  "\ud800",
  "x".repeat(20_000),
  "' or 1=1 --",
  "../../etc/passwd",
  "01890000-0000-7000-8000-00000000000g",
  "2026-02-31T00:00:00Z",
  [],
  {},
  [[[[[]]]]],
  { $ne: null },
  { toString: 1 },
  { length: 1e9 },
];

interface Change {
  readonly at: number;
  readonly kind: "drop" | "replace" | "add";
  readonly value: unknown;
}

/** Changes to apply to a valid request. */
export const changes = fc.array(
  fc.record({
    at: fc.nat(40),
    kind: fc.constantFrom<"drop" | "replace" | "add">("drop", "replace", "add"),
    value: fc.oneof(fc.constantFrom(...WEIRD), fc.jsonValue({ maxDepth: 2 })),
  }),
  { maxLength: 2 },
);

/** Changes one place in a JSON value. Places are numbered, so that a seed always selects the same one. */
export function changed(value: unknown, change: Change): unknown {
  const copy: unknown = structuredClone(value);
  const places = objectsIn(copy);
  const place = places[change.at % Math.max(places.length, 1)];
  if (!place) return change.value;
  const names = Object.keys(place);
  const name = names[change.at % Math.max(names.length, 1)] ?? "x";
  if (Array.isArray(place) && change.kind === "add") place.push(change.value);
  else if (change.kind === "drop") Reflect.deleteProperty(place, name);
  else
    Reflect.set(
      place,
      change.kind === "add" ? (["unknown", "constructor", "id", "role"][change.at % 4] ?? "x") : name,
      change.value,
    );
  return copy;
}

function objectsIn(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}

const toSchema = (value: unknown): Schema =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const numberIn = (schema: Schema, name: string, otherwise: number) => {
  const value = schema[name];
  return typeof value === "number" ? value : otherwise;
};
