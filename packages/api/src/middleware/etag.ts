import { createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { hasEtag } from "../route-kinds.ts";
import { authorizationHeader } from "./authorization.ts";
import { type Patterns, patternOf } from "./route-patterns.ts";

/** Headers of the 200 that a 304 must not have; it keeps all others (RFC 9110 §15.4.5). */
const NOT_IN_304 = ["content-type", "content-length"];

/**
 * Gives single objects a weak `ETag`, and answers a matching `If-None-Match` with 304. A private cache may store such a
 * response if it revalidates each time. Why not `hono/etag`: docs/adr/0020-hono-middleware.md.
 */
export const etag =
  (patterns: Patterns): MiddlewareHandler =>
  async (c, next) => {
    await next();
    if (c.res.status !== 200 || !hasEtag(c.req.method, patternOf(patterns, c.req.path) ?? "")) return;
    const tag = `W/"${createHash("sha256")
      .update(await c.res.clone().text())
      .digest("base64url")
      .slice(0, 27)}"`;
    const given = c.req.header("if-none-match");
    if (given !== undefined && matches(given, tag)) {
      const headers = new Headers(c.res.headers);
      for (const name of NOT_IN_304) headers.delete(name);
      c.res = undefined;
      c.res = new Response(null, { status: 304, headers });
    }
    c.res.headers.set("etag", tag);
    c.res.headers.set("cache-control", "private, no-cache");
    // Browsers send `Authorization`; behind a proxy another header carries the token. Each cache on the way sees one of them.
    for (const name of new Set(["authorization", authorizationHeader()])) c.res.headers.append("vary", name);
  };

/** Weak comparison (RFC 9110 §8.8.3.2). */
function matches(given: string, tag: string): boolean {
  const bare = (value: string) => value.trim().replace(/^W\//, "");
  return given.trim() === "*" || given.split(",").some((one) => bare(one) === bare(tag));
}
