import type { Hono, MiddlewareHandler } from "hono";
import { AppError } from "@gotong/core/platform/error.ts";
import { inputOf } from "./input.ts";

interface Pattern {
  readonly matches: RegExp;
  readonly methods: Set<string>;
  /** Which of query, body and path parameters each method declares. */
  readonly inputs: Map<string, Set<"json" | "query" | "param">>;
}
/** The paths of a group of routes, each with the methods that it takes and what these declare. */
export type Patterns = ReadonlyMap<string, Pattern>;

/** Reads the routes of an app; middleware, which is there for all methods, is none. */
export function patternsOf(app: Hono): Patterns {
  const found = new Map<string, Pattern>();
  for (const { method, path, handler } of app.routes) {
    if (method === "ALL") continue;
    const pattern = found.get(path) ?? { matches: toRegExp(path), methods: new Set(["OPTIONS"]), inputs: new Map() };
    found.set(path, pattern);
    pattern.methods.add(method);
    const declared = inputOf(handler)?.from;
    if (declared) pattern.inputs.set(method, (pattern.inputs.get(method) ?? new Set()).add(declared));
    if (method === "GET") pattern.methods.add("HEAD");
  }
  return found;
}

function toRegExp(path: string): RegExp {
  const escaped = path.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll(/:\w+/g, "[^/]+")}$`);
}

/** The pattern that a path falls under; a literal one before one with parameters. */
export function patternOf(patterns: Patterns, path: string): string | undefined {
  if (patterns.has(path) && !path.includes(":")) return path;
  for (const [pattern, { matches }] of patterns) if (matches.test(path)) return pattern;
  return undefined;
}

/**
 * A path that no route has is 404 and a method that its path does not take is 405, whoever asks. `OPTIONS` tells the methods.
 * @throws AppError NOT_FOUND, METHOD_NOT_ALLOWED
 */
export const onlyKnown =
  (patterns: Patterns): MiddlewareHandler =>
  async (c, next) => {
    // Several patterns can fit one path (`/x/:id` and `/x/export`): together they say what it takes.
    const fitting = [...patterns.values()].filter(({ matches }) => matches.test(c.req.path));
    if (fitting.length === 0) throw new AppError("NOT_FOUND");
    const methods = new Set(fitting.flatMap((pattern) => [...pattern.methods]));
    const allow = [...methods].toSorted().join(", ");
    if (!methods.has(c.req.method)) {
      c.header("allow", allow);
      throw new AppError("METHOD_NOT_ALLOWED", { detail: `The path takes ${allow}.` });
    }
    if (c.req.method === "OPTIONS") return c.body(null, 204, { allow });
    await next();
  };
