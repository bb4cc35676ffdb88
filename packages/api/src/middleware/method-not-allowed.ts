import { AppError } from "@gotong/core/platform/error.ts";
import type { Step } from "./guard.ts";
import type { Patterns } from "./route-patterns.ts";

/**
 * Answers an unknown path with 404, and a method that the path does not support with 405, before authentication. `OPTIONS` returns the supported
 * methods. `hono/method-not-allowed` would run after authentication (docs/adr/0020-hono-middleware.md).
 * @throws AppError NOT_FOUND, METHOD_NOT_ALLOWED
 */
export const methodNotAllowed = (patterns: Patterns): Step => ({
  before: (c) => {
    const { method, path } = c.req;
    if (method !== "OPTIONS" && patterns.get(path)?.methods.has(method)) return undefined;
    // Several patterns can match one path (`/x/:id` and `/x/export`), so their methods are combined.
    const matching = [...patterns.values()].filter(({ matches }) => matches.test(path));
    if (method !== "OPTIONS" && matching.some(({ methods }) => methods.has(method))) return undefined;
    if (matching.length === 0) throw new AppError("NOT_FOUND");
    const methods = new Set(matching.flatMap((pattern) => [...pattern.methods]));
    const allow = [...methods].toSorted().join(", ");
    if (!methods.has(method)) {
      c.header("allow", allow);
      throw new AppError("METHOD_NOT_ALLOWED", { detail: `Allowed methods: ${allow}.` });
    }
    return c.body(null, 204, { allow });
  },
});
