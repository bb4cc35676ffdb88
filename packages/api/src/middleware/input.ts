import { validator } from "hono-openapi";
import type * as v from "valibot";
import { AppError, type FieldError } from "@gotong/core/error.ts";

interface Issue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
  readonly kind?: string;
  readonly type?: string;
  readonly expected?: string | null;
  readonly received?: string;
}

type Schema = v.GenericSchema | v.GenericSchemaAsync;

function check(result: { success: true } | { success: false; error: readonly Issue[] }): void {
  if (result.success) return;
  const errors = result.error.map(toFieldError);
  const [first] = errors;
  throw new AppError("VALIDATION_FAILED", { detail: first ? `${first.field}: ${first.message}` : "", errors });
}

interface Input {
  readonly from: "json" | "query" | "param";
  readonly schema: Schema;
}

const inputs = new WeakMap<object, Input>();

/** What a handler of a route checks, for the OpenAPI document; undefined for one that checks nothing. */
export const inputOf = (handler: object): Input | undefined => inputs.get(handler);

function checked<From extends Input["from"], S extends Schema>(from: From, schema: S) {
  const handler = validator(from, schema, check);
  inputs.set(handler, { from, schema });
  return handler;
}

/** Takes the body by the schema of the operation that it is for. @throws AppError VALIDATION_FAILED */
export const body = <S extends Schema>(schema: S) => checked("json", schema);
/** Takes the query: every parameter that it does not name is refused. @throws AppError VALIDATION_FAILED */
export const query = <S extends Schema>(schema: S) => checked("query", schema);
/** Takes the ids in the path. @throws AppError VALIDATION_FAILED */
export const params = <S extends Schema>(schema: S) => checked("param", schema);

function toFieldError(issue: Issue): FieldError {
  const field =
    (issue.path ?? []).map((step) => String(typeof step === "object" ? step.key : step)).join(".") || "body";
  if (issue.kind === "schema" && issue.type === "strict_object") {
    if (issue.expected === "never") return { field, code: "unknown_field", message: "is not a field of this request" };
    if (issue.received === "undefined") return { field, code: "required", message: "is required" };
    return { field, code: "type", message: "must be an object" };
  }
  if (issue.kind === "schema" && issue.received === "undefined")
    return { field, code: "required", message: "is required" };
  return { field, code: issue.kind === "schema" ? "type" : (issue.type ?? "invalid"), message: issue.message };
}
