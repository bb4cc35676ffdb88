import type { Context } from "hono";
import * as v from "valibot";
import { AppError, ERRORS_MAX, type FieldError, invalidField, invalidFields } from "@gotong/core/platform/error.ts";
import type { Step } from "./guard.ts";
import { parse } from "./input.ts";
import { type Patterns, patternOf } from "./route-patterns.ts";

/** Schema of the body of a route that declares none: missing, or an empty object. */
const Nothing = v.strictObject({});

/**
 * Rejects query parameters that the route does not declare, repeated parameters, and a body if none is declared. Runs before all routes.
 * @throws AppError VALIDATION_FAILED; MALFORMED_JSON for a body that is not JSON
 */
export const rejectUndeclared = (patterns: Patterns): Step => ({
  before: (c) => {
    const method = c.req.method === "HEAD" ? "GET" : c.req.method;
    const declared = patterns.get(patternOf(patterns, c.req.path) ?? "")?.inputs.get(method);
    if (c.req.url.includes("?")) {
      const errors = queryErrors(c.req.queries(), declared?.has("query") === true);
      if (errors.length > 0) throw invalidFields(errors);
    }
    if (method === "GET") assertNoBody(c);
    else if (declared?.has("json") !== true) return assertNothing(c);
    return undefined;
  },
});

async function assertNothing(c: Context): Promise<undefined> {
  const text = await c.req.text();
  if (text !== "") parse(Nothing, fromJson(text));
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("MALFORMED_JSON", { cause });
  }
}

function queryErrors(given: Readonly<Record<string, string[]>>, isDeclared: boolean): FieldError[] {
  const errors: FieldError[] = [];
  for (const [field, values] of Object.entries(given)) {
    if (errors.length > ERRORS_MAX) break;
    if (!isDeclared) errors.push({ field, code: "unknown_field", message: "is not a parameter of this request" });
    else if (values.length > 1) errors.push({ field, code: "duplicate", message: "must not be repeated" });
  }
  return errors;
}

/** Rejects a body by its headers, since the body of a GET is never read. */
function assertNoBody(c: Context): void {
  const length = c.req.header("content-length") ?? "0";
  if (/^0+$/.test(length) && c.req.header("transfer-encoding") === undefined) return;
  c.header("connection", "close"); // the body is not read, so the connection cannot be reused
  throw invalidField("body", "unknown_field", "is not allowed in this request");
}
