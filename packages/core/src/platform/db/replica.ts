import { Config } from "../config.ts";
import { lazy } from "../lazy.ts";

/** Whether this process may read from a replica. Needs Redis, through which processes learn of each other's writes. */
export function hasReader(): boolean {
  const { DATABASE_READER_URL, REDIS_URL } = Config.section("reader");
  return DATABASE_READER_URL !== undefined && REDIS_URL !== undefined;
}

const loadReader = lazy(() => import("./reader.ts"));
let isReaderLoaded = false;
/** The module that reads from the replica; loaded only where a replica is configured. */
export function replica() {
  isReaderLoaded = true;
  return loadReader();
}

/** Closes the connections to the replica, if it was ever used. */
export async function closeReplica(): Promise<void> {
  if (isReaderLoaded) await (await loadReader()).closeReader();
}
