import { Log } from "../log.ts";

let isInstalled = false;

/**
 * postgres.js 3.4.9 asks each new connection for the array types, and nobody waits for that question (connection.js,
 * fetchArrayTypes): a connection that is reset meanwhile leaves a rejection behind that ends the process, Lambda's too. Whoever waits
 * for the connection is told by itself, so this one rejection is forgiven, and every other one goes where it would have gone. The
 * question cannot be left out: without it `reserve` of a new connection never resolves. Found by a run of a thousand kills.
 */
export function forgiveLostTypes(): void {
  if (isInstalled) return;
  isInstalled = true;
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason, promise) => {
    if (isLostTypes(reason)) return Log.warn("a new connection was lost", Log.describe(reason));
    if (others.length === 0) throw reason; // what Node does by itself
    for (const other of others) other(reason, promise);
  });
}

function isLostTypes(reason: unknown): boolean {
  const query: unknown = reason instanceof Error ? Reflect.get(reason, "query") : undefined;
  return typeof query === "string" && query.includes("pg_catalog.pg_type");
}
