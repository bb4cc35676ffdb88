import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import * as v from "valibot";

const API = join(import.meta.dirname, "..", "..", "..", "packages", "api");
const Schema = v.record(v.string(), v.unknown());
const Media = v.object({ schema: Schema, example: v.optional(v.unknown()) });
const Ref = v.object({ $ref: v.string() });
const Answer = v.object({
  description: v.string(),
  content: v.optional(v.record(v.string(), Media), {}),
  links: v.optional(v.record(v.string(), Ref), {}),
});
const Parameter = v.object({
  name: v.string(),
  in: v.string(),
  required: v.optional(v.boolean(), false),
  schema: Schema,
});
const Operation = v.object({
  operationId: v.string(),
  security: v.array(v.unknown()),
  parameters: v.array(v.union([Ref, Parameter])),
  requestBody: v.optional(v.object({ required: v.boolean(), content: v.object({ "application/json": Media }) })),
  responses: v.record(v.string(), v.union([Ref, Answer])),
});
const Document = v.object({
  paths: v.record(v.string(), v.record(v.string(), Operation)),
  components: v.object({
    schemas: v.record(v.string(), Schema),
    responses: v.record(v.string(), Answer),
    parameters: v.record(v.string(), Parameter),
    links: v.record(v.string(), v.object({ operationId: v.string(), parameters: v.record(v.string(), v.string()) })),
    examples: v.record(v.string(), v.object({ value: v.unknown() })),
  }),
});

export type Schema = v.InferOutput<typeof Schema>;
type Parameter = v.InferOutput<typeof Parameter>;
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** The path, with `{name}` for parameters. */
  readonly path: string;
  readonly isOpen: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly example: unknown;
  readonly answers: ReadonlyMap<number, v.InferOutput<typeof Answer>>;
}

/** The committed OpenAPI document, as a string and as JSON. */
export const committed = readFileSync(join(API, "openapi.json"), "utf8");
export const released = readFileSync(join(API, "openapi.released.txt"), "utf8").trim().split("\n");
export const json: unknown = JSON.parse(committed);
export const document = v.parse(Document, json);

const last = (pointer: string) => pointer.split("/").at(-1) ?? "";
function found<T>(value: T | undefined, pointer: string): T {
  if (value === undefined) throw new Error(`${pointer} leads nowhere`);
  return value;
}

/** Every operation with its references resolved. @throws Error for a broken reference */
export const operations: readonly Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    isOpen: operation.security.length === 0,
    parameters: operation.parameters.map((one) =>
      "$ref" in one ? found(document.components.parameters[last(one.$ref)], one.$ref) : one,
    ),
    body: operation.requestBody?.content["application/json"].schema,
    example: operation.requestBody?.content["application/json"].example,
    answers: new Map(
      Object.entries(operation.responses).map(([status, one]) => [
        Number(status),
        "$ref" in one ? found(document.components.responses[last(one.$ref)], one.$ref) : one,
      ]),
    ),
  })),
);

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
addFormats.default(ajv);
ajv.addSchema({ $id: "doc", components: { schemas: document.components.schemas } });
const compiled = new WeakMap<Schema, ReturnType<typeof ajv.compile>>();

/** The violations of a schema by `value`; empty when `value` is valid. */
export function faults(schema: Schema, value: unknown): string[] {
  // The schema is compiled apart from the document, so its `$ref`s get the document as their base.
  const text = JSON.stringify(schema).replaceAll('"#/', '"doc#/');
  const check = compiled.get(schema) ?? ajv.compile(v.parse(Schema, JSON.parse(text)));
  compiled.set(schema, check);
  return check(value) ? [] : (check.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ""}`);
}
