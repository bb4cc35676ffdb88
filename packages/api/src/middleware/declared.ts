import type { Context, MiddlewareHandler } from "hono";
import * as v from "valibot";
import { ERRORS_MAX, type FieldError, invalidField, invalidFields } from "@gotong/core/platform/error.ts";
import { body } from "./input.ts";
import { type Patterns, patternOf } from "./methods.ts";

/** What a route without a declared body takes: nothing, which an empty object says as well. */
const nothing = body(v.strictObject({}));

/**
 * A route takes the query and the body that it declares, and no other: an unknown parameter, one that is given twice, and a
 * body where none is declared are refused, on every route, because this stands before all of them.
 * @throws AppError VALIDATION_FAILED; MALFORMED_JSON for a body that is no JSON
 */
export const onlyDeclared =
  (patterns: Patterns): MiddlewareHandler =>
  async (c, next) => {
    const method = c.req.method === "HEAD" ? "GET" : c.req.method;
    const declared = patterns.get(patternOf(patterns, c.req.path) ?? "")?.inputs.get(method);
    const errors = queryErrors(c.req.queries(), declared?.has("query") === true);
    if (errors.length > 0) throw invalidFields(errors);
    if (method === "GET") assertNoBody(c);
    else if (declared?.has("json") !== true) return nothing(c, next);
    await next();
  };

function queryErrors(given: Readonly<Record<string, string[]>>, isDeclared: boolean): FieldError[] {
  const errors: FieldError[] = [];
  for (const [field, values] of Object.entries(given)) {
    if (errors.length > ERRORS_MAX) break;
    if (!isDeclared) errors.push({ field, code: "unknown_field", message: "is not a parameter of this request" });
    else if (values.length > 1) errors.push({ field, code: "duplicate", message: "must be given once" });
  }
  return errors;
}

/** Nothing reads a body that comes with a GET, so its headers must do. */
function assertNoBody(c: Context): void {
  const length = c.req.header("content-length") ?? "0";
  if (/^0+$/.test(length) && c.req.header("transfer-encoding") === undefined) return;
  c.header("connection", "close"); // it is not read, so nothing more can come on this connection
  throw invalidField("body", "unknown_field", "is not a part of this request");
}
