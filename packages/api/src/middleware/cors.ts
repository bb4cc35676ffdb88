import { Config } from "@gotong/core/platform/config.ts";
import type { Step } from "./guard.ts";

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
/** Request headers that pages may send. CloudFront needs the hash of the body in `x-amz-content-sha256` to sign a request to the function. */
const REQUEST_HEADERS =
  "authorization, content-type, idempotency-key, if-none-match, x-amz-content-sha256, x-request-id";
const RESPONSE_HEADERS = "etag, idempotency-replayed, location, ratelimit, ratelimit-policy, retry-after, x-request-id";
const PREFLIGHT_SECONDS = 7_200;

/**
 * Lets pages of the origins in `CORS_ORIGINS` read responses; other origins get no CORS headers. Tokens are sent in a header that the page sets
 * itself, so cookies ("credentials") are never allowed. `hono/cors` is not used: docs/adr/0020-hono-middleware.md.
 */
export const cors: Step = {
  before: (c) => {
    const origin = c.req.header("origin");
    if (origin === undefined || !Config.section("http").CORS_ORIGINS.includes(origin)) return undefined;
    c.header("access-control-allow-origin", origin);
    c.header("access-control-expose-headers", RESPONSE_HEADERS);
    if (c.req.method !== "OPTIONS" || c.req.header("access-control-request-method") === undefined) return undefined;
    c.header("access-control-allow-methods", METHODS);
    c.header("access-control-allow-headers", REQUEST_HEADERS);
    c.header("access-control-max-age", String(PREFLIGHT_SECONDS));
    return c.body(null, 204);
  },
};
