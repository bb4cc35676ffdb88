import { validator } from "hono/validator";
import * as v from "valibot";
import { ERRORS_MAX, invalidFields } from "@gotong/core/platform/error.ts";
import { Input } from "@gotong/core/platform/input.ts";

interface Declared {
  readonly from: "json" | "query" | "param";
  readonly schema: v.GenericSchema;
}

const inputs = new WeakMap<object, Declared>();

/** What a handler of a route checks, for the OpenAPI document; undefined for one that checks nothing. */
export const inputOf = (handler: object): Declared | undefined => inputs.get(handler);

/**
 * One error for each field: what is too long need not be told that it is not well-formed either.
 * @throws AppError VALIDATION_FAILED
 */
function parse<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const { success, output, issues } = v.safeParse(schema, value, { abortPipeEarly: true });
  if (success) return output;
  // One more than is told says that there are more.
  throw invalidFields(issues.slice(0, ERRORS_MAX + 1).map((issue) => Input.toFieldError(issue)));
}

/** Notes what a handler checks, for {@link inputOf}. */
function noted<Handler extends object>(handler: Handler, from: Declared["from"], schema: v.GenericSchema): Handler {
  inputs.set(handler, { from, schema });
  return handler;
}

/** Takes the body by the schema of the operation that it is for. @throws AppError VALIDATION_FAILED */
export const body = <S extends v.GenericSchema>(schema: S) =>
  noted(
    validator("json", (value: unknown) => parse(schema, value)),
    "json",
    schema,
  );
/** Takes the query: every parameter that it does not name is refused. @throws AppError VALIDATION_FAILED */
export const query = <S extends v.GenericSchema>(schema: S) =>
  noted(
    validator("query", (value: unknown) => parse(schema, value)),
    "query",
    schema,
  );
/** Takes the ids in the path. @throws AppError VALIDATION_FAILED */
export const params = <S extends v.GenericSchema>(schema: S) =>
  noted(
    validator("param", (value: unknown) => parse(schema, value)),
    "param",
    schema,
  );
