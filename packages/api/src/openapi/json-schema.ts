import { type ConversionConfig, toJsonSchema, toJsonSchemaDefs } from "@valibot/to-json-schema";
import type * as v from "valibot";

/** JSON Schema 2020-12, as far as the document uses it. Always generated from valibot. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Conversion of response schemas. An unknown kind of rule throws, so that the document never omits a rule of a response. */
const ANSWERS: ConversionConfig = {
  typeMode: "output",
  target: "draft-2020-12",
  overrideSchema: ({ valibotSchema, jsonSchema }) => {
    if (valibotSchema.type === "nullable") return nullable(jsonSchema);
    if (valibotSchema.type !== "record") return undefined;
    const { propertyNames: _names, ...record } = jsonSchema;
    const isFree = "value" in valibotSchema && isUnknown(valibotSchema.value);
    return { ...record, additionalProperties: isFree ? true : record.additionalProperties };
  },
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
};

const isUnknown = (schema: unknown) =>
  typeof schema === "object" && schema !== null && "type" in schema && schema.type === "unknown";

type Converted = ReturnType<typeof toJsonSchema>;

/** Converts to `{"type": ["string", "null"]}` instead of an `anyOf` if the type has a single name: tools generate one nullable type from it. */
function nullable(schema: Converted): Converted {
  const [inner] = schema.anyOf ?? [];
  if (typeof inner !== "object" || typeof inner.type !== "string") return schema;
  return { ...inner, type: [inner.type, "null"], ...(inner.enum ? { enum: [...inner.enum, null] } : {}) };
}

/**
 * The JSON Schema of responses. A named schema that is part of another one becomes a `$ref`.
 * @param named schemas by their names in the document
 */
export const answerSchemas = (named: Readonly<Record<string, v.GenericSchema>>): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(Object.entries(toJsonSchemaDefs(named, ANSWERS)).map(([name, schema]) => [name, { ...schema }]));

/** The JSON Schema of a part of a response, such as a cursor. */
export function answerSchema(schema: v.GenericSchema): JsonSchema {
  const { $schema: _dialect, ...rest } = toJsonSchema(schema, ANSWERS);
  return rest;
}

/** The JSON Schema of a request. The server alone checks rules that JSON Schema cannot express (checks, transformations). */
export function requestSchema(schema: v.GenericSchema): JsonSchema {
  const { $schema: _dialect, ...rest } = toJsonSchema(schema, {
    errorMode: "ignore",
    typeMode: "input",
    target: "draft-2020-12",
  });
  return bounded(rest);
}

/**
 * A substring by which {@link bounded} recognises the pattern of timestamps. The pattern admits days that do not exist,
 * such as 31 February; so the schema also gets a `format`, which rejects them.
 */
const TIMESTAMP_PATTERN = "T([01]\\d|2[0-3]):";
/** Maximum lengths of strings by their pattern, each with a substring that identifies the pattern. */
const MAX_LENGTHS: readonly (readonly [part: string, maxLength: number])[] = [
  ["{3,50}", 50],
  ["{64}", 64],
  [TIMESTAMP_PATTERN, 40],
  ["evt_", 20],
];

/** Adds the bounds that a pattern or a type implies, since clients and gateways allocate memory by them. */
function bounded(schema: JsonSchema): JsonSchema {
  // Field names are always strings, so a schema for them is redundant.
  const { propertyNames: _names, ...own } = schema;
  const inner = Object.fromEntries(Object.entries(own).map(([keyword, value]) => [keyword, boundedValue(value)]));
  if (inner["type"] === "integer") return { format: "int32", maximum: 2_147_483_647, ...inner };
  if (inner["type"] !== "string" || "maxLength" in inner || "enum" in inner || "const" in inner) return inner;
  if (inner["format"] === "uuid") return { ...inner, maxLength: 36 };
  const maxLength = MAX_LENGTHS.find(([part]) => String(inner["pattern"]).includes(part))?.[1];
  const format = String(inner["pattern"]).includes(TIMESTAMP_PATTERN) ? { format: "date-time" } : {};
  return maxLength === undefined ? inner : { ...inner, ...format, maxLength };
}

function boundedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(boundedValue);
  return typeof value === "object" && value !== null ? bounded(Object.fromEntries(Object.entries(value))) : value;
}
