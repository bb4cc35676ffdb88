import { validator } from "hono-openapi";
import * as v from "valibot";
import { ERRORS_MAX, invalidFields } from "@gotong/core/error.ts";
import { Input } from "@gotong/core/input.ts";

type Schema = v.GenericSchema | v.GenericSchemaAsync;
type Issue = Parameters<typeof Input.toFieldError>[0];

function check(result: { success: true } | { success: false; error: readonly Partial<Issue>[] }): void {
  if (result.success) return;
  // One more than is told says that there are more.
  throw invalidFields(result.error.slice(0, ERRORS_MAX + 1).map(toFieldError));
}

const toFieldError = ({
  kind = "schema",
  type = "",
  expected = null,
  received = "",
  message = "",
  path,
}: Partial<Issue>) => Input.toFieldError({ kind, type, expected, received, message, path });

interface Declared {
  readonly from: "json" | "query" | "param";
  readonly schema: Schema;
}

const inputs = new WeakMap<object, Declared>();

/** What a handler of a route checks, for the OpenAPI document; undefined for one that checks nothing. */
export const inputOf = (handler: object): Declared | undefined => inputs.get(handler);

function checked<From extends Declared["from"], S extends Schema>(from: From, schema: S) {
  // One error for each field: what is too long need not be told that it is not well-formed either.
  const handler = validator(from, v.config(schema, { abortPipeEarly: true }), check);
  inputs.set(handler, { from, schema });
  return handler;
}

/** Takes the body by the schema of the operation that it is for. @throws AppError VALIDATION_FAILED */
export const body = <S extends Schema>(schema: S) => checked("json", schema);
/** Takes the query: every parameter that it does not name is refused. @throws AppError VALIDATION_FAILED */
export const query = <S extends Schema>(schema: S) => checked("query", schema);
/** Takes the ids in the path. @throws AppError VALIDATION_FAILED */
export const params = <S extends Schema>(schema: S) => checked("param", schema);
