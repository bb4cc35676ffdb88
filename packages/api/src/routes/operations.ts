import { Hono } from "hono";
import { Config } from "@gotong/core/config.ts";
import { Health } from "@gotong/core/health.ts";

let draining = false;

/** From now on `/ready` says `draining`, so that no new work is sent here. */
export function drain(): void {
  draining = true;
}

export const operations = new Hono()
  .get("/live", (c) => c.json({ status: "live" }))
  .get("/ready", async (c) => {
    if (draining) return c.json({ status: "draining" }, 503);
    const checks = await Health.checks(false);
    const isReady = Health.isHealthy(checks);
    return c.json({ status: isReady ? "ready" : "not_ready", checks }, isReady ? 200 : 503);
  })
  .get("/health", async (c) => {
    const { STAGE, VERSION } = Config.section("service");
    const checks = await Health.checks(c.req.query("deep") === "true");
    const isHealthy = Health.isHealthy(checks);
    const status = isHealthy ? "healthy" : "unhealthy";
    return c.json(
      { status, checks, version: VERSION, stage: STAGE, timestamp: new Date().toISOString() },
      isHealthy ? 200 : 503,
    );
  });
