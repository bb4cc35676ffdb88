import type { MiddlewareHandler } from "hono";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { type Patterns, patternOf } from "./methods.ts";

/** What a request id from outside may look like: it ends up in logs, queues and headers to Markov. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/**
 * Gives every request an id (the caller's, when it is well-formed), runs it as a stranger until the token says otherwise, and
 * logs and counts it when it is answered: by the route's pattern, never the path, which holds ids.
 */
export const context =
  (patterns: Patterns): MiddlewareHandler =>
  async (c, next) => {
    const asked = c.req.header("x-request-id");
    const requestId = asked !== undefined && REQUEST_ID.test(asked) ? asked : Id.uuid();
    await Actor.run({ type: "public" }, requestId, async () => {
      const startedAt = performance.now();
      c.header("x-request-id", requestId);
      Metrics.shift("http_requests_in_progress", 1);
      try {
        await next();
      } finally {
        Metrics.shift("http_requests_in_progress", -1);
      }
      const route = patternOf(patterns, c.req.path) ?? "unmatched";
      // Anyone can make methods up; a label must not grow with them.
      const method = METHODS.includes(c.req.method) ? c.req.method : "other";
      const { status } = c.res;
      const seconds = (performance.now() - startedAt) / 1000;
      Metrics.count("http_requests_total", { method, route, status: String(status) });
      Metrics.observe("http_request_duration_seconds", seconds, { method, route });
      Log.info("request", {
        method,
        route,
        status,
        duration_ms: Math.round(seconds * 1000),
        ...Metrics.takeFields(),
      });
    });
  };
