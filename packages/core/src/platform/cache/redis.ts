import type { Redis } from "ioredis";
import { Config } from "../config.ts";
import { assertNoConnectionInUse } from "../db/scope.ts";
import { Log } from "../log.ts";

/**
 * Time for which Redis is not used after a failure, so that an unresponsive Redis costs its timeout once a second instead of once per
 * request.
 */
const RETRY_AFTER_MS = 1_000;

let client: Promise<Redis> | undefined;
let retryAt = 0;

async function connect(url: string): Promise<Redis> {
  // ioredis is CommonJS. In a bundle its exports exist only under `default`; in Node they also exist by name.
  const { Redis } = (await import("ioredis")).default;
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    // Short timeout, since an unresponsive Redis must not block requests.
    commandTimeout: 100,
    connectTimeout: 1_000,
    lazyConnect: true,
  });
  redis.on("error", () => undefined); // each command reports its own failure
  // The first command waits for the connection. If connecting fails, the client keeps reconnecting by itself.
  await redis.connect().catch(() => undefined);
  return redis;
}

/**
 * Whether a Redis is configured. Synchronous, unlike {@link ask}.
 * @throws Error while a database connection is in use, as {@link ask} does
 */
export function isConfigured(): boolean {
  assertNoConnectionInUse("redis");
  return Config.section("cache").REDIS_URL !== undefined;
}

function open(): Promise<Redis> | undefined {
  const url = Config.section("cache").REDIS_URL;
  if (url === undefined) return undefined;
  client ??= connect(url);
  return client;
}

/**
 * Runs a command on Redis, if Redis is configured.
 * @returns undefined when Redis is not configured or does not answer; the failure is logged and never thrown
 */
export async function ask<T>(work: (redis: Redis) => Promise<T>): Promise<T | undefined> {
  assertNoConnectionInUse("redis");
  const redis = performance.now() < retryAt ? undefined : open();
  if (!redis) return undefined;
  try {
    return await work(await redis);
  } catch (error) {
    retryAt = performance.now() + RETRY_AFTER_MS;
    Log.warn("redis does not answer", Log.describe(error));
    return undefined;
  }
}

/** Whether Redis answers. False when no Redis is configured. @throws Error when it does not answer */
export async function ping(): Promise<boolean> {
  assertNoConnectionInUse("redis");
  const redis = open();
  if (!redis) return false;
  await (await redis).ping();
  return true;
}

/** Closes the connection; the next command opens a new one. */
export async function close(): Promise<void> {
  const closing = client;
  client = undefined;
  retryAt = 0;
  (await closing)?.disconnect();
}

export * as SharedRedis from "./redis.ts";
