import { Log } from "../log.ts";

let isInstalled = false;

/**
 * Ignores one unhandled rejection of postgres.js 3.4.9, which queries the array types on each new connection and
 * handles no error of that query (connection.js, fetchArrayTypes): if the connection is reset meanwhile, the unhandled
 * rejection terminates the process, on Lambda too. Callers that wait for the connection get their own error. All other
 * rejections are handled as before. The query cannot be disabled: without it, `reserve` on a new connection never
 * resolves. Found in a test that ended processes a thousand times with SIGKILL.
 */
export function ignoreLostTypeFetch(): void {
  if (isInstalled) return;
  isInstalled = true;
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason, promise) => {
    if (isLostTypeFetch(reason)) return Log.warn("a new connection was lost", Log.describe(reason));
    if (others.length === 0) throw reason; // without other listeners, Node ends the process by default
    for (const other of others) other(reason, promise);
  });
}

function isLostTypeFetch(reason: unknown): boolean {
  const query: unknown = reason instanceof Error ? Reflect.get(reason, "query") : undefined;
  return typeof query === "string" && query.includes("pg_catalog.pg_type");
}
