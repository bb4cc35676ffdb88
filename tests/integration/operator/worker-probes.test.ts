import { afterEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { type Operations, serveOperations } from "@gotong/workers/operations.ts";
import { usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
let operations: Operations | undefined;
afterEach(() => operations?.close());

async function start(more: Record<string, string> = {}) {
  Config.use({ ...platform.variables, HOST: "127.0.0.1", WORKERS_PORT: "0", ...more });
  operations = await serveOperations();
  const { port } = operations;
  return (path: string, method = "GET") => fetch(`http://127.0.0.1:${port}${path}`, { method });
}

test("a worker is live and ready while its dependencies respond, and serves its metrics", async () => {
  const ask = await start();
  expect(await (await ask("/live")).json()).toEqual({ status: "live" });
  const ready = await ask("/ready");
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: "ready", checks: { database: "ok", redis: "disabled", s3: "ok", queue: "ok" } },
  ]);
  const metrics = await (await ask("/metrics")).text();
  expect(metrics).toMatch(/^webhook_outbox_pending \d+$/m);
});

test("the health checks of a stopping worker report it as live but not ready", async () => {
  const ask = await start();
  operations?.drain();
  const ready = await ask("/ready");
  expect([ready.status, await ready.json()]).toEqual([503, { status: "draining" }]);
  expect((await ask("/live")).status).toBe(200);
});

test("a worker responds with 404 to paths other than health checks and metrics", async () => {
  const ask = await start();
  expect((await ask("/v1/skills")).status).toBe(404);
  expect((await ask("/live", "POST")).status).toBe(404);
});

test("health checks and metrics of a worker never query a database that may be auto-paused", async () => {
  const ask = await start({
    DATABASE_AUTO_PAUSES: "true",
    DATABASE_URL: "postgres://unknown@127.0.0.1:1/none",
    DATABASE_CONNECT_TIMEOUT_SECONDS: "1",
  });
  const before = platform.logs.length;
  expect((await ask("/metrics")).status).toBe(200);
  expect(platform.logs.slice(before).filter((line) => line.includes("backlog"))).toEqual([]);
});
