import { METADATA_MAX_BYTES, PAGE_MAX_BYTES } from "@gotong/core/platform/bounds.ts";

/** JSON Schema 2020-12, as much of it as the document uses. Written by hand here, made from valibot for requests. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

/** An object that has exactly these fields. A name that ends in `?` may be absent. */
export function object(fields: Readonly<Record<string, Schema>>, description?: string): Schema {
  const entries = Object.entries(fields);
  const required = entries.map(([name]) => name).filter((name) => !name.endsWith("?"));
  return {
    type: "object",
    ...(description === undefined ? {} : { description }),
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace(/\?$/, ""), schema])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
export const list = (items: Schema, maxItems = 100): Schema => ({ type: "array", items, maxItems });
/** A list that ends before it has more bytes than these as JSON, but not before its first item. */
export const cut = (items: Schema, maxItems: number, maxBytes: number): Schema => ({
  ...list(items, maxItems),
  "x-max-bytes": maxBytes,
});
export const nullable = (schema: Schema): Schema =>
  typeof schema["type"] === "string"
    ? { ...schema, type: [schema["type"], "null"], ...nullInEnum(schema) }
    : { anyOf: [schema, { type: "null" }] };
const nullInEnum = (schema: Schema) => (Array.isArray(schema["enum"]) ? { enum: [...schema["enum"], null] } : {});

export const uuid: Schema = {
  type: "string",
  format: "uuid",
  maxLength: 36,
  examples: ["0198c0de-0000-7000-8000-000000000001"],
};
export const moment: Schema = {
  type: "string",
  format: "date-time",
  maxLength: 40,
  description: "RFC 3339, UTC.",
  examples: ["2026-05-01T09:30:00.000Z"],
};
export const text = (maxLength: number, example: string): Schema => ({
  type: "string",
  maxLength,
  examples: [example],
});
export const oneOf = (...values: readonly string[]): Schema => ({ type: "string", enum: values });
export const whole = (minimum: number, maximum = 2_147_483_647): Schema => ({
  type: "integer",
  format: maximum > 2_147_483_647 ? "int64" : "int32",
  minimum,
  maximum,
});
export const number = (minimum: number, maximum: number): Schema => ({ type: "number", minimum, maximum });
/** A JSON object whose fields are its writer's, of so many bytes at most. */
export const free = (description: string, maxBytes: number = METADATA_MAX_BYTES): Schema => ({
  type: "object",
  description,
  additionalProperties: true,
  "x-max-bytes": maxBytes,
});

/** Base64 of the sort keys; see core/src/platform/page.ts, which takes no longer one. */
export const cursor: Schema = { type: "string", pattern: "^[A-Za-z0-9_-]+$", maxLength: 2_000 };

/** One page of a list. */
export const page = (item: string): Schema =>
  object({
    data: cut(ref(item), 100, PAGE_MAX_BYTES),
    next_cursor: {
      ...nullable({ ...cursor, examples: ["WyJ0YXNrcyIsIjAxOThjMGRlIl0"] }),
      description: "What to send as `cursor` for the next page; null on the last one.",
    },
  });
