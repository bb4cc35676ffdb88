import { Hono, type MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { AppError } from "@gotong/core/error.ts";
import { limitBody, onlyJson } from "./middleware/body.ts";
import { context } from "./middleware/context.ts";
import { onError, problem } from "./middleware/problem.ts";
import { GROUPS, groupOf } from "./routes/index.ts";

/**
 * The whole API. It knows neither Lambda nor any server; `lambda.ts` and `serve.ts` put it behind one. Each group of routes is
 * loaded at the first request for it, so that a cold start reads only the code that it runs.
 */
export function createApp(): Hono {
  const mounted = new Map<string, Promise<Hono>>();
  return new Hono().all("*", async (c) => {
    const base = groupOf(c.req.path);
    const app = mounted.get(base) ?? GROUPS[base]().then((routes) => mount(base, routes));
    mounted.set(base, app);
    return (await app).fetch(c.req.raw, c.env);
  });
}

/** Puts what every request goes through around a group of routes. */
function mount(base: string, routes: Hono): Hono {
  const app = new Hono();
  app.use(context, secureHeaders(), noStore, limitBody, onlyJson);
  app.route(base, routes);
  app.notFound((c) => problem(c, new AppError("NOT_FOUND")));
  app.onError(onError);
  return app;
}

/** Answers are for their caller alone: no cache between keeps them unless a route says otherwise. */
const noStore: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
};
