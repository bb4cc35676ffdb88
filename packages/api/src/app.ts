import { Hono } from "hono";
import { AppError } from "@gotong/core/platform/error.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { limitBody, requireJson } from "./middleware/body.ts";
import { addressBulkhead } from "./middleware/bulkhead.ts";
import { compress } from "./middleware/compress.ts";
import { contentNegotiation } from "./middleware/content-negotiation.ts";
import { requestContext } from "./middleware/context.ts";
import { cors } from "./middleware/cors.ts";
import { erasedTexts } from "./middleware/erased-texts.ts";
import { etag } from "./middleware/etag.ts";
import { type Step, guard } from "./middleware/guard.ts";
import { limitHeaders } from "./middleware/header-limit.ts";
import { idempotency } from "./middleware/idempotency.ts";
import { methodNotAllowed } from "./middleware/method-not-allowed.ts";
import { onError, problem } from "./middleware/problem.ts";
import { UPLOADS_PATH, rateLimit, uploadQuotaHeaders } from "./middleware/rate-limit.ts";
import { type Patterns, patternsOf } from "./middleware/route-patterns.ts";
import { rejectUndeclared } from "./middleware/undeclared.ts";
import { requireVerifiedEmail } from "./middleware/verified-email.ts";
import { type Base, GROUPS, groupOf } from "./routes/index.ts";

/**
 * The API, independent of Lambda and of any server: `lambda.ts` and `serve.ts` adapt it. Each group of routes is loaded at its first request, so
 * that a cold start loads only the code that it runs.
 */
export function createApp(): Hono {
  const mounted = new Map<Base, Hono>();
  const loading = new Map<Base, Promise<Hono>>();
  const load = (base: Base) => {
    const app = loading.get(base) ?? GROUPS[base]().then((routes) => mount(base, routes));
    loading.set(base, app);
    return app;
  };
  const app = new Hono();
  // Passes a request directly to the app of its group. A catch-all route of this app would create a second context for
  // each request.
  app.fetch = (request, env) => {
    const base = groupOf(app.getPath(request));
    const group = mounted.get(base);
    if (group) return group.fetch(request, env);
    return load(base).then((loaded) => {
      mounted.set(base, loaded);
      return loaded.fetch(request, env);
    });
  };
  return app;
}

const cookie = lazy(() => import("./middleware/session-cookie.ts"));

/** Keeps sessions in a cookie for the web app. Loaded only for requests that ask for it. */
const ofBrowsers: Step = {
  around: (c) =>
    c.req.header("x-session-mode") === undefined
      ? undefined
      : async (next) => {
          const { sessionCookie } = await cookie();
          await sessionCookie(c, next);
        },
};

/** Wraps a group of routes in the steps that every request passes; the cheapest checks come first. */
function mount(base: Base, routes: Hono): Hono {
  const app = new Hono();
  const patterns: Patterns = patternsOf(new Hono().route(base, routes));
  // Responses are compressed for poor networks, and because of Lambda's limit of 6 MB. Responses with tokens are not compressed: the compressed
  // size of a text next to a secret reveals parts of the secret (BREACH).
  const isCompressed = base !== "/v1/auth";
  const steps = [
    ...(isCompressed ? [compress] : []),
    cors,
    rateLimit,
    limitHeaders,
    methodNotAllowed(patterns),
    contentNegotiation,
    limitBody,
    requireJson,
    rejectUndeclared(patterns),
    addressBulkhead,
    ...(isCompressed ? [] : [ofBrowsers]),
    requireVerifiedEmail,
    idempotency,
    etag(patterns),
    erasedTexts,
  ];
  app.use(requestContext(patterns, isCompressed ? "accept-encoding, origin" : "origin"), guard(steps, onError));
  app.use(UPLOADS_PATH, uploadQuotaHeaders);
  app.route(base, routes);
  app.notFound((c) => problem(c, new AppError("NOT_FOUND")));
  app.onError(onError);
  return app;
}
