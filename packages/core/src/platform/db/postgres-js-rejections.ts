import { Log } from "../log.ts";

let isInstalled = false;

/**
 * postgres.js 3.4.9 queries the array types on each new connection and handles no error of that query (connection.js,
 * fetchArrayTypes): if the connection is reset meanwhile, the unhandled rejection ends the process, on Lambda too.
 * Callers waiting for the connection get their own error, so this one rejection is ignored; all others are handled as
 * before. The query cannot be switched off: without it `reserve` on a new connection never resolves. Found by a run of
 * a thousand kills.
 */
export function ignoreLostTypeFetch(): void {
  if (isInstalled) return;
  isInstalled = true;
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason, promise) => {
    if (isLostTypeFetch(reason)) return Log.warn("a new connection was lost", Log.describe(reason));
    if (others.length === 0) throw reason; // Node's default
    for (const other of others) other(reason, promise);
  });
}

function isLostTypeFetch(reason: unknown): boolean {
  const query: unknown = reason instanceof Error ? Reflect.get(reason, "query") : undefined;
  return typeof query === "string" && query.includes("pg_catalog.pg_type");
}
