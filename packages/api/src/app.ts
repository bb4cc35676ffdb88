import { Hono } from "hono";
import { AppError } from "@gotong/core/platform/error.ts";
import { accepted } from "./middleware/accept.ts";
import { limitBody, onlyJson } from "./middleware/body.ts";
import { shareOfAddress } from "./middleware/bulkhead.ts";
import { compressed } from "./middleware/compress.ts";
import { context } from "./middleware/context.ts";
import { cors } from "./middleware/cors.ts";
import { onlyDeclared } from "./middleware/declared.ts";
import { tagged } from "./middleware/etag.ts";
import { limitHeaders } from "./middleware/headers.ts";
import { idempotent } from "./middleware/idempotency.ts";
import { UPLOADS_PATH, limitAddress, tellUploads } from "./middleware/limits.ts";
import { type Patterns, onlyKnown, patternsOf } from "./middleware/methods.ts";
import { onError, problem } from "./middleware/problem.ts";
import { proven } from "./middleware/proven.ts";
import { secured } from "./middleware/security.ts";
import { type Base, GROUPS, groupOf } from "./routes/index.ts";

/**
 * The whole API. It knows neither Lambda nor any server; `lambda.ts` and `serve.ts` put it behind one. Each group of routes is
 * loaded at the first request for it, so that a cold start reads only the code that it runs.
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

/** Puts what every request goes through around a group of routes, the cheapest refusals first. */
function mount(base: Base, routes: Hono): Hono {
  const app = new Hono();
  const patterns: Patterns = patternsOf(new Hono().route(base, routes));
  app.use(context(patterns));
  // Members are on poor networks, and Lambda answers at most 6 MB. Answers with tokens are left alone: how well a text beside a
  // secret compresses tells of the secret.
  if (base !== "/v1/auth") app.use(compressed);
  app.use(secured, cors, limitAddress, limitHeaders, onlyKnown(patterns), accepted);
  app.use(limitBody, onlyJson, onlyDeclared(patterns), shareOfAddress, proven, idempotent, tagged(patterns));
  app.use(UPLOADS_PATH, tellUploads);
  app.route(base, routes);
  app.notFound((c) => problem(c, new AppError("NOT_FOUND")));
  app.onError(onError);
  return app;
}
