// Generates src/schemas.ts, src/operations.ts and src/paths.ts, the types of all requests and responses, from the API's
// OpenAPI document. Run by `npm run openapi`.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";

const Schema = v.record(v.string(), v.unknown());
type Schema = v.InferOutput<typeof Schema>;
const Content = v.optional(v.record(v.string(), v.object({ schema: Schema })), {});
const Operation = v.object({
  operationId: v.string(),
  summary: v.string(),
  security: v.array(v.unknown()),
  parameters: v.array(
    v.object({ name: v.optional(v.string(), ""), in: v.optional(v.string(), ""), schema: v.optional(Schema, {}) }),
  ),
  requestBody: v.optional(v.object({ required: v.boolean(), content: Content })),
  responses: v.record(v.string(), v.object({ content: Content })),
});
const Document = v.object({
  paths: v.record(v.string(), v.record(v.string(), Operation)),
  components: v.object({ schemas: v.record(v.string(), Schema) }),
});

/** Generates TypeScript from our OpenAPI document. @throws if it has an unexpected form */
export function generate(document: unknown): Readonly<Record<"schemas" | "operations" | "paths", string>> {
  const { paths, components } = v.parse(Document, document);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
  );
  const types = Object.entries(components.schemas).map(([name, schema]) => `export type ${name} = ${typeOf(schema)};`);
  const table = operations.map(({ operationId, method, path }) => `  ${operationId}: ["${method}", "${path}"],`);
  const entries = operations.map(entry).join("\n");
  const used = Object.keys(components.schemas).filter((name) =>
    new RegExp(`\\b${name}\\b`).test(entries.replaceAll(/\/\*.*\*\//g, "")),
  );
  return {
    schemas: [MADE, ...types, ""].join("\n\n"),
    operations: [
      MADE,
      `import type { ${used.join(", ")} } from "./schemas.ts";`,
      `/** Input and response of every operation. */\nexport interface Operations {\n${entries}\n}`,
      "",
    ].join("\n\n"),
    paths: [
      MADE,
      'import type { Operations } from "./operations.ts";',
      `/** Method and path of every operation. */\nexport const OPERATIONS = {\n${table.join("\n")}\n} as const satisfies Record<keyof Operations, readonly [method: string, path: string]>;`,
      "",
    ].join("\n\n"),
  };
}

const MADE =
  "// Generated from the API's OpenAPI document by `npm run openapi`. Do not edit.\n/* oxlint-disable max-lines */";

function entry({ operationId, summary, parameters, requestBody, responses }: v.InferOutput<typeof Operation>): string {
  const within = (where: string) => parameters.filter((parameter) => parameter.in === where);
  const fields = (where: string, mark: string) =>
    within(where).map(({ name, schema }) => `readonly ${name}${mark}: ${typeOf(schema)}`);
  const input: string[] = [];
  if (within("path").length > 0) input.push(`readonly path: { ${fields("path", "").join("; ")} }`);
  if (within("query").length > 0) input.push(`readonly query?: { ${fields("query", "?").join("; ")} }`);
  const body = requestBody?.content["application/json"]?.schema;
  if (body) input.push(`readonly body${requestBody.required ? "" : "?"}: ${typeOf(body)}`);
  const answers = Object.entries(responses)
    .filter(([status]) => status.startsWith("2"))
    .map(([, { content }]) => {
      const [type, media] = Object.entries(content)[0] ?? [];
      if (type === undefined || media === undefined) return "undefined";
      return type === "application/json" ? typeOf(media.schema) : "string";
    });
  return `  /** ${summary}. */\n  ${operationId}: { readonly input: { ${input.join("; ")} }; readonly answer: ${[...new Set(answers)].join(" | ")} };`;
}

function typeOf(schema: Schema): string {
  const { $ref, anyOf, oneOf, enum: values, type } = schema;
  if (typeof $ref === "string") return $ref.split("/").at(-1) ?? "unknown";
  if ("const" in schema) return JSON.stringify(schema["const"]);
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(" | ");
  const variants = anyOf ?? oneOf;
  if (Array.isArray(variants)) return variants.map((variant) => typeOf(v.parse(Schema, variant))).join(" | ");
  if (Array.isArray(type)) return type.map((one) => typeOf({ ...schema, type: one })).join(" | ");
  switch (type) {
    case "object":
      return objectType(schema);
    case "array":
      return `readonly (${typeOf(v.parse(Schema, schema["items"] ?? {}))})[]`;
    case "integer":
      return "number";
    case "string":
    case "number":
    case "boolean":
    case "null":
      return type;
    default:
      return "unknown";
  }
}

function objectType(schema: Schema): string {
  const properties = Object.entries(v.parse(Schema, schema["properties"] ?? {}));
  const rest = v.safeParse(Schema, schema["additionalProperties"]);
  if (properties.length === 0) return `{ readonly [name: string]: ${rest.success ? typeOf(rest.output) : "unknown"} }`;
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const fields = properties.map(([name, value]) => {
    const inner = typeOf(v.parse(Schema, value));
    return required.includes(name) ? `readonly ${name}: ${inner}` : `readonly ${name}?: ${inner} | undefined`;
  });
  return `{ ${fields.join("; ")} }`;
}

if (import.meta.main) {
  const document: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "..", "api", "openapi.json"), "utf8"));
  for (const [name, text] of Object.entries(generate(document)))
    writeFileSync(join(import.meta.dirname, "src", `${name}.ts`), text);
}
