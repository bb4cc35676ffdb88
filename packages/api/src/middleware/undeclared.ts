import type { Context, MiddlewareHandler } from "hono";
import * as v from "valibot";
import { ERRORS_MAX, type FieldError, invalidField, invalidFields } from "@gotong/core/platform/error.ts";
import { body } from "./input.ts";
import { type Patterns, patternOf } from "./route-patterns.ts";

/** The body of a route that declares none: nothing, or an empty object. */
const nothing = body(v.strictObject({}));

/**
 * Refuses query parameters that the route does not declare, repeated parameters, and a body where none is declared. Runs
 * before all routes.
 * @throws AppError VALIDATION_FAILED; MALFORMED_JSON for a body that is not JSON
 */
export const rejectUndeclared =
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
    else if (values.length > 1) errors.push({ field, code: "duplicate", message: "must not be repeated" });
  }
  return errors;
}

/** The body of a GET is never read, so its headers decide. */
function assertNoBody(c: Context): void {
  const length = c.req.header("content-length") ?? "0";
  if (/^0+$/.test(length) && c.req.header("transfer-encoding") === undefined) return;
  c.header("connection", "close"); // the body is not read, so the connection cannot be reused
  throw invalidField("body", "unknown_field", "is not allowed in this request");
}
