import { validator } from "hono/validator";
import * as v from "valibot";
import { ERRORS_MAX, invalidFields } from "@gotong/core/platform/error.ts";
import { Input } from "@gotong/core/platform/input.ts";

interface Declared {
  readonly from: "json" | "query" | "param";
  readonly schema: v.GenericSchema;
}

const inputs = new WeakMap<object, Declared>();

/** The input schema of a handler, for the OpenAPI document; undefined if the handler validates no input. */
export const inputOf = (handler: object): Declared | undefined => inputs.get(handler);

/**
 * Validates `value` and reports at most one error per field: the first rule that fails.
 * @throws AppError VALIDATION_FAILED
 */
export function parse<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const { success, output, issues } = v.safeParse(schema, value, { abortPipeEarly: true });
  if (success) return output;
  // One more than the maximum, so that the error is marked as truncated.
  throw invalidFields(issues.slice(0, ERRORS_MAX + 1).map((issue) => Input.toFieldError(issue)));
}

/** Registers the input schema of a handler for {@link inputOf}. */
function registered<Handler extends object>(
  handler: Handler,
  from: Declared["from"],
  schema: v.GenericSchema,
): Handler {
  inputs.set(handler, { from, schema });
  return handler;
}

/** Validates the body with the schema of its operation. @throws AppError VALIDATION_FAILED */
export const body = <S extends v.GenericSchema>(schema: S) =>
  registered(
    validator("json", (value: unknown) => parse(schema, value)),
    "json",
    schema,
  );
/** Validates the query; rejects unknown parameters. @throws AppError VALIDATION_FAILED */
export const query = <S extends v.GenericSchema>(schema: S) =>
  registered(
    validator("query", (value: unknown) => parse(schema, value)),
    "query",
    schema,
  );
/** Validates the ids in the path. @throws AppError VALIDATION_FAILED */
export const params = <S extends v.GenericSchema>(schema: S) =>
  registered(
    validator("param", (value: unknown) => parse(schema, value)),
    "param",
    schema,
  );
