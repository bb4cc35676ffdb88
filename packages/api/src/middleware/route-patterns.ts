import type { Hono } from "hono";
import { inputOf } from "./input.ts";

interface Pattern {
  readonly matches: RegExp;
  readonly methods: Set<string>;
  /** The inputs that each method declares: query, body and path parameters. */
  readonly inputs: Map<string, Set<"json" | "query" | "param">>;
}
/** The route patterns of a group, each with its methods and their inputs. */
export type Patterns = ReadonlyMap<string, Pattern>;

/** Reads the routes of an app, without its middleware, which is registered for all methods. */
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

/** The pattern that matches a path; a literal pattern takes precedence over one with parameters. */
export function patternOf(patterns: Patterns, path: string): string | undefined {
  if (patterns.has(path) && !path.includes(":")) return path;
  for (const [pattern, { matches }] of patterns) if (matches.test(path)) return pattern;
  return undefined;
}
