import { Hono } from "hono";
import * as v from "valibot";
import { Config } from "@gotong/core/platform/config.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { Input } from "@gotong/core/platform/input.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { onReset } from "@gotong/core/platform/reset.ts";
import { query } from "../middleware/input.ts";

/** Loads the clients of all dependencies, which are half of the API's code. Lazy, since functions rarely get health checks. */
const health = lazy(() => import("@gotong/core/platform/health.ts"));
const proofKeys = lazy(() => import("@gotong/core/domain/proof/signing.ts"));
const backlog = lazy(() => import("@gotong/core/webhook/backlog.ts"));
let draining = false;
onReset(() => {
  draining = false;
});

/** Query of `/health`. `deep=true` also checks a database that auto-pauses. */
const HealthQuery = v.strictObject({ deep: v.optional(Input.oneOf(["true", "false"])) });

/** Makes `/ready` report `draining`, so that the load balancer sends no new requests. */
export function drain(): void {
  draining = true;
}

export const operations = new Hono()
  .get("/live", (c) => c.json({ status: "live" }))
  .get("/ready", async (c) => {
    if (draining) return c.json({ status: "draining" }, 503);
    const { Health } = await health();
    const checks = await Health.checks(false);
    const isReady = Health.isReady(checks);
    return c.json({ status: isReady ? "ready" : "not_ready", checks }, isReady ? 200 : 503);
  })
  .get("/health", query(HealthQuery), async (c) => {
    const { STAGE, VERSION } = Config.section("service");
    const { Health } = await health();
    const checks = await Health.checks(c.req.valid("query").deep === "true");
    const isHealthy = Health.isHealthy(checks);
    const status = isHealthy ? "healthy" : "unhealthy";
    return c.json(
      { status, checks, version: VERSION, stage: STAGE, timestamp: new Date().toISOString() },
      isHealthy ? 200 : 503,
    );
  })
  .get("/.well-known/gotong-proof-keys.json", async (c) => {
    const { publicKeys } = await proofKeys();
    return c.json(await publicKeys());
  })
  .get("/metrics", async (c) => {
    if (Metrics.isFlushed()) throw new AppError("NOT_FOUND");
    try {
      const { measureDeliveries } = await backlog();
      await measureDeliveries();
    } catch (error) {
      Log.warn("the backlog could not be measured", Log.describe(error)); // the other metrics are needed most during an outage
    }
    return c.body(Metrics.render(), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });
