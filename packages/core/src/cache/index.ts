import type { Redis } from "ioredis";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { Log } from "../log.ts";

const MEMORY_ENTRIES = 5_000;

const memory = new Map<string, { value: string; expiresAt: number }>();
let redis: Promise<Redis> | undefined;

function open(): Promise<Redis> | undefined {
  const url = Config.section("cache").REDIS_URL;
  if (url === undefined) return undefined;
  redis ??= import("ioredis").then(({ Redis }) => {
    const client = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      // A frozen Redis must not freeze the platform.
      commandTimeout: 100,
      connectTimeout: 1_000,
      lazyConnect: false,
    });
    client.on("error", () => undefined); // each command reports its own failure
    return client;
  });
  return redis;
}

/** The text kept under `key`, from Redis when there is one and it answers, else from this process. */
export async function get(key: string): Promise<string | undefined> {
  const shared = open();
  if (shared) {
    try {
      return (await (await shared).get(key)) ?? undefined;
    } catch (error) {
      Log.warn("cache read failed", Log.describe(error));
    }
  }
  const entry = memory.get(key);
  return entry && entry.expiresAt > Clock.now().getTime() ? entry.value : undefined;
}

/** Keeps `value` for `ttlSeconds`. A cache that fails is not an error: the next reader computes again. */
export async function set(key: string, value: string, ttlSeconds: number): Promise<void> {
  memory.delete(key); // re-inserted last, so that the first entry is the oldest
  memory.set(key, { value, expiresAt: Clock.now().getTime() + ttlSeconds * 1000 });
  const oldest = memory.size > MEMORY_ENTRIES ? memory.keys().next().value : undefined;
  if (oldest !== undefined) memory.delete(oldest);
  const shared = open();
  if (!shared) return;
  try {
    await (await shared).set(key, value, "EX", ttlSeconds);
  } catch (error) {
    Log.warn("cache write failed", Log.describe(error));
  }
}

/** Answers whether Redis does. False when none is configured. */
export async function ping(): Promise<boolean> {
  const shared = open();
  if (!shared) return false;
  await (await shared).ping();
  return true;
}

/** Forgets everything that this process holds and closes Redis. */
export async function close(): Promise<void> {
  memory.clear();
  const closing = redis;
  redis = undefined;
  (await closing)?.disconnect();
}

export * as Cache from "./index.ts";
