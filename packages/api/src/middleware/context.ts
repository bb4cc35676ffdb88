import type { MiddlewareHandler } from "hono";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Language } from "@gotong/core/platform/language/index.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { collectHeaders } from "./plain-headers.ts";
import { type Patterns, patternOf } from "./route-patterns.ts";

/** Pattern of a request id from a client, which is copied to logs, queues and headers to Markov. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/**
 * Sets the request id (the client's id if it is well-formed), runs the request as the public actor until it is authenticated, and logs and counts it
 * by the pattern of its route, since its path contains ids.
 * @param vary see {@link collectHeaders}
 */
export const requestContext =
  (patterns: Patterns, vary: string): MiddlewareHandler =>
  async (c, next) => {
    const given = c.req.header("x-request-id");
    const requestId = given !== undefined && REQUEST_ID.test(given) ? given : Id.unordered();
    await Actor.run(
      { type: "public" },
      requestId,
      async () => {
        const startedAt = performance.now();
        collectHeaders(c, vary);
        c.header("x-request-id", requestId);
        Metrics.shift("http_requests_in_progress", 1);
        try {
          await next();
        } finally {
          Metrics.shift("http_requests_in_progress", -1);
        }
        const route = patternOf(patterns, c.req.path) ?? "unmatched";
        // Clients can send any method, but the set of metric labels must stay bounded.
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
      },
      Language.preferred(c.req.header("accept-language")),
    );
  };
