import type { Context, Env, MiddlewareHandler } from "hono";
import * as v from "valibot";
import { AppError, ERRORS_MAX, invalidFields } from "@gotong/core/platform/error.ts";
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

/** A schema of a part of a request, which is always an object. */
type ObjectSchema = v.GenericSchema<unknown, object>;

/** A handler that validates a part of the request and keeps the result for `c.req.valid`. */
type Validation<From extends Declared["from"], S extends ObjectSchema> = MiddlewareHandler<
  Env,
  string,
  { in: Record<From, v.InferInput<S>>; out: Record<From, v.InferOutput<S>> }
>;

/**
 * Registers the input schema of a handler for {@link inputOf}. `hono/validator` is not used: it compares each result with `Response`, for which a cold
 * function would load undici (http/function-url.ts).
 */
function validation<From extends Declared["from"], S extends ObjectSchema>(
  from: From,
  schema: S,
  read: (c: Context) => unknown,
): Validation<From, S> {
  const handler: Validation<From, S> = async (c, next) => {
    c.req.addValidatedData(from, parse(schema, await read(c)));
    await next();
  };
  inputs.set(handler, { from, schema });
  return handler;
}

/** Validates the body with the schema of its operation. @throws AppError VALIDATION_FAILED, MALFORMED_JSON */
export const body = <S extends ObjectSchema>(schema: S) => validation("json", schema, jsonOf);
/** Validates the query; rejects unknown parameters. @throws AppError VALIDATION_FAILED */
export const query = <S extends ObjectSchema>(schema: S) =>
  validation("query", schema, (c) =>
    Object.fromEntries(
      Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
    ),
  );
/** Validates the ids in the path. @throws AppError VALIDATION_FAILED */
export const params = <S extends ObjectSchema>(schema: S) => validation("param", schema, (c) => c.req.param());

/** The body, which `requireJson` has read and checked. A missing body counts as an empty object. */
async function jsonOf(c: Context): Promise<unknown> {
  const text = await c.req.text();
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("MALFORMED_JSON", { cause });
  }
}
