import { createHash } from "node:crypto";
import { hasEtag, publicCaching } from "../route-kinds.ts";
import { authorizationHeader } from "./authorization.ts";
import type { Step } from "./guard.ts";
import { madeOf, replace } from "./plain-headers.ts";
import { keptByBody } from "./recent-bodies.ts";
import { type Patterns, patternOf } from "./route-patterns.ts";

/** Headers of the 200 response that a 304 must not have; it keeps all other headers (RFC 9110 §15.4.5). */
const NOT_IN_304 = ["content-type", "content-length"];

/**
 * Gives responses with objects and lists (see {@link hasEtag}) a weak `ETag`, and answers a matching `If-None-Match`
 * with 304. A private cache may store such a response if it revalidates it each time. Any cache may store a response
 * that is the same for everyone. `hono/etag` is not used: docs/adr/0020-hono-middleware.md.
 */
export const etag = (patterns: Patterns): Step => ({
  after: (c) => {
    const pattern = patternOf(patterns, c.req.path) ?? "";
    if (!hasEtag(c.req.method, pattern)) return undefined;
    const made = madeOf(c);
    if (made?.status !== 200 || made.body === null) return undefined;
    const tag = tagOf(made.body);
    // Browsers send the token in `Authorization`; a proxy may move it to another header. A cache before the proxy sees
    // the first header, a cache behind the proxy the second, so `Vary` names both.
    const vary = new Set([made.headers["vary"] ?? "", "authorization", authorizationHeader()]);
    const shared = publicCaching(pattern);
    const caching = shared
      ? { "cache-control": shared }
      : { "cache-control": "private, no-cache", vary: [...vary].join(", ") };
    const headers = { ...made.headers, etag: tag, ...caching };
    const given = c.req.header("if-none-match");
    if (given === undefined || !matches(given, tag)) replace(c, { ...made, headers });
    else {
      const kept = Object.entries(headers).filter(([name]) => !NOT_IN_304.includes(name));
      replace(c, { status: 304, headers: Object.fromEntries(kept), body: null });
    }
    return undefined;
  },
});

const tagOf = keptByBody((body) => `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`);

/** Whether `If-None-Match` matches a tag, by weak comparison (RFC 9110 §8.8.3.2). */
function matches(given: string, tag: string): boolean {
  const bare = (value: string) => value.trim().replace(/^W\//, "");
  return given.trim() === "*" || given.split(",").some((one) => bare(one) === bare(tag));
}
