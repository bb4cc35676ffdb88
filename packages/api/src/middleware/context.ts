import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { Actor } from "@gotong/core/actor.ts";
import { Id } from "@gotong/core/id.ts";
import { Log } from "@gotong/core/log.ts";

/** What a request id from outside may look like: it ends up in logs, queues and headers to Markov. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * Gives every request an id (the caller's, when it is well-formed), runs it as a stranger until the token says otherwise, and
 * logs one line when it is answered: the route's pattern, never the path, which holds ids.
 */
export const context: MiddlewareHandler = async (c, next) => {
  const asked = c.req.header("x-request-id");
  const requestId = asked !== undefined && REQUEST_ID.test(asked) ? asked : Id.uuid();
  await Actor.run({ type: "public" }, requestId, async () => {
    const startedAt = performance.now();
    c.header("x-request-id", requestId);
    await next();
    Log.info("request", {
      method: c.req.method,
      route: routePath(c, -1),
      status: c.res.status,
      duration_ms: Math.round(performance.now() - startedAt),
    });
  });
};
