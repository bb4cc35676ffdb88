import { serve as listen } from "@hono/node-server";
import { Config } from "@gotong/core/config.ts";
import { createApp } from "./app.ts";
import { drain } from "./routes/operations.ts";

export interface Server {
  readonly port: number;
  /** Takes no new requests, waits for the running ones, at most 10 s. */
  close(): Promise<void>;
}

const DRAIN_MS = 10_000;

/** Serves the API on the configured host and port. @throws Error EADDRINUSE when the port is taken */
export function serve(): Promise<Server> {
  const { HOST, PORT } = Config.section("service");
  return new Promise((resolve, reject) => {
    const server = listen({ fetch: createApp().fetch, hostname: HOST, port: PORT }, ({ port }) =>
      resolve({ port, close }),
    );
    server.on("error", reject);
    const close = () =>
      new Promise<void>((closed) => {
        drain();
        server.close(() => closed());
        if ("closeIdleConnections" in server) server.closeIdleConnections();
        setTimeout(() => "closeAllConnections" in server && server.closeAllConnections(), DRAIN_MS).unref();
      });
  });
}
