import { createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { hasEtag } from "../route-kinds.ts";
import { authorizationHeader } from "./authorization.ts";
import { type Patterns, patternOf } from "./methods.ts";

/** Headers that a 304 carries on: those that a 200 would have had and that are about the request (RFC 9110 §15.4.5). */
const NOT_IN_304 = ["content-type", "content-length"];

/**
 * Single objects have a weak `ETag`, and `If-None-Match` with it is answered 304. Lists, and answers that hold a URL or an age,
 * are left alone. A cache of the caller's own may keep a tagged answer when it asks again each time.
 */
export const tagged =
  (patterns: Patterns): MiddlewareHandler =>
  async (c, next) => {
    await next();
    if (c.res.status !== 200 || !hasEtag(c.req.method, patternOf(patterns, c.req.path) ?? "")) return;
    const tag = `W/"${createHash("sha256")
      .update(await c.res.clone().text())
      .digest("base64url")
      .slice(0, 27)}"`;
    const asked = c.req.header("if-none-match");
    if (asked !== undefined && matches(asked, tag)) {
      const headers = new Headers(c.res.headers);
      for (const name of NOT_IN_304) headers.delete(name);
      c.res = undefined;
      c.res = new Response(null, { status: 304, headers });
    }
    c.header("etag", tag);
    c.header("cache-control", "private, no-cache");
    // A browser sends `Authorization`, and behind a proxy another header has it: for each cache on the way one of them decides.
    for (const name of new Set(["authorization", authorizationHeader()])) c.header("vary", name, { append: true });
  };

/** Weak comparison (RFC 9110 §8.8.3.2). */
function matches(asked: string, tag: string): boolean {
  const bare = (value: string) => value.trim().replace(/^W\//, "");
  return asked.trim() === "*" || asked.split(",").some((one) => bare(one) === bare(tag));
}
