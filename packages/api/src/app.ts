import { Hono, type MiddlewareHandler } from "hono";
import { AppError } from "@gotong/core/platform/error.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { limitBody, requireJson } from "./middleware/body.ts";
import { addressBulkhead } from "./middleware/bulkhead.ts";
import { compress } from "./middleware/compress.ts";
import { contentNegotiation } from "./middleware/content-negotiation.ts";
import { requestContext } from "./middleware/context.ts";
import { cors } from "./middleware/cors.ts";
import { etag } from "./middleware/etag.ts";
import { limitHeaders } from "./middleware/header-limit.ts";
import { idempotency } from "./middleware/idempotency.ts";
import { methodNotAllowed } from "./middleware/method-not-allowed.ts";
import { onError, problem } from "./middleware/problem.ts";
import { UPLOADS_PATH, addressRateLimit, uploadQuotaHeaders } from "./middleware/rate-limit.ts";
import { type Patterns, patternsOf } from "./middleware/route-patterns.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { rejectUndeclared } from "./middleware/undeclared.ts";
import { requireVerifiedEmail } from "./middleware/verified-email.ts";
import { type Base, GROUPS, groupOf } from "./routes/index.ts";

/**
 * The API, independent of Lambda and of any server: `lambda.ts` and `serve.ts` adapt it. Each group of routes is loaded at
 * its first request, so that a cold start loads only the code that it runs.
 */
export function createApp(): Hono {
  const mounted = new Map<Base, Promise<Hono>>();
  return new Hono().all("*", async (c) => {
    const base = groupOf(c.req.path);
    const app = mounted.get(base) ?? GROUPS[base]().then((routes) => mount(base, routes));
    mounted.set(base, app);
    return (await app).fetch(c.req.raw, c.env);
  });
}

const cookie = lazy(() => import("./middleware/session-cookie.ts"));

/** Sessions in a cookie, for the app; other clients do not load it. */
const ofBrowsers: MiddlewareHandler = async (c, next) => {
  if (c.req.header("x-session-mode") === undefined) return next();
  const { sessionCookie } = await cookie();
  return sessionCookie(c, next);
};

/** Wraps a group of routes in the middleware of every request, the cheapest refusals first. */
function mount(base: Base, routes: Hono): Hono {
  const app = new Hono();
  const patterns: Patterns = patternsOf(new Hono().route(base, routes));
  app.use(requestContext(patterns));
  // For poor networks, and Lambda's limit of 6 MB. Responses with tokens are not compressed: the compressed size of a text
  // beside a secret reveals parts of the secret (BREACH).
  if (base !== "/v1/auth") app.use(compress);
  app.use(securityHeaders, cors, addressRateLimit, limitHeaders, methodNotAllowed(patterns), contentNegotiation);
  app.use(limitBody, requireJson, rejectUndeclared(patterns), addressBulkhead);
  if (base === "/v1/auth") app.use(ofBrowsers);
  app.use(requireVerifiedEmail, idempotency, etag(patterns));
  app.use(UPLOADS_PATH, uploadQuotaHeaders);
  app.route(base, routes);
  app.notFound((c) => problem(c, new AppError("NOT_FOUND")));
  app.onError(onError);
  return app;
}
