import { createServer } from "node:http";
import { Config } from "@gotong/core/platform/config.ts";
import { Health } from "@gotong/core/platform/health.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";

/** The server for health checks and Prometheus of a worker process, which serves no other requests. */
export interface Operations {
  readonly port: number;
  /** Makes `/ready` report `draining` from now on. */
  drain(): void;
  close(): Promise<void>;
}

interface ProbeResponse {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Short timeouts: a health check or a scrape is one small request, and half-open connections must not accumulate. */
const TIMES = {
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const CONNECTIONS = 100;

/** Serves `GET /live`, `/ready` and `/metrics` on `WORKERS_PORT`. @throws Error EADDRINUSE when the port is taken */
export async function serveOperations(): Promise<Operations> {
  const { HOST, WORKERS_PORT } = Config.section("service");
  let isDraining = false;
  const server = createServer(TIMES, (request, response) => {
    const path = request.method === "GET" ? (request.url ?? "").split("?")[0] : "";
    answer(path ?? "", isDraining)
      .catch((error: unknown): ProbeResponse => {
        Log.error("a probe could not be answered", error, { path });
        return json(500, { status: "error" });
      })
      .then(({ status, type, body }) => response.writeHead(status, { "content-type": type }).end(body))
      .catch((error: unknown) => Log.error("a probe got no answer", error));
  });
  server.maxConnections = CONNECTIONS;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(WORKERS_PORT, HOST, resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : WORKERS_PORT,
    drain: () => void (isDraining = true),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(path: string, isDraining: boolean): Promise<ProbeResponse> {
  if (path === "/live") return json(200, { status: "live" });
  if (path === "/ready") {
    if (isDraining) return json(503, { status: "draining" });
    const checks = await Health.checks(false);
    const isReady = Health.isReady(checks);
    return json(isReady ? 200 : 503, { status: isReady ? "ready" : "not_ready", checks });
  }
  if (path === "/metrics") {
    await measureBacklog();
    return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: Metrics.render() };
  }
  return json(404, { status: "not_found" });
}

/** Updates the gauges of the backlog. Skipped if the database auto-pauses: Prometheus scrapes several times a minute and would keep it running. */
async function measureBacklog(): Promise<void> {
  if (Config.section("database").DATABASE_AUTO_PAUSES === "true") return;
  try {
    const { measureDeliveries } = await import("@gotong/core/webhook/backlog.ts");
    await measureDeliveries();
  } catch (error) {
    Log.warn("the backlog could not be measured", Log.describe(error)); // only logs: the other metrics must stay available, above all during an outage
  }
}

const json = (status: number, body: object): ProbeResponse => ({
  status,
  type: "application/json",
  body: JSON.stringify(body),
});
