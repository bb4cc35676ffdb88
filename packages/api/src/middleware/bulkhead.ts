import type { Context } from "hono";
import { Bulkhead, BulkheadFull } from "@gotong/core/platform/bulkhead.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { clientAddress } from "../client-address.ts";
import { isProbe } from "../route-kinds.ts";
import type { Step } from "./guard.ts";

/** Limits of the queue of one client address. By default the queue is as long as the address's rate limit per minute. */
const QUEUE = { waiting: 100, waitMs: 10_000 };
const RETRY_AFTER_SECONDS = 1;

const bulkheads = new Map<string, Bulkhead>();

/**
 * Limits the concurrent requests of one client address, by default to a quarter of the database pool; further requests
 * wait. So a busy address slows down only itself. Runs after the body was read, so that a slow upload does not count as
 * a concurrent request. Health checks are exempt.
 * @throws AppError RATE_LIMITED when the queue is full or the wait takes too long
 */
export const addressBulkhead: Step = {
  around: (c) =>
    isProbe(c.req.path)
      ? undefined
      : async (next) => {
          const leave = await enter(c);
          try {
            await next();
          } finally {
            leave();
          }
        },
};

async function enter(c: Context): Promise<() => void> {
  const address = await clientAddress(c);
  const bulkhead = bulkheads.get(address) ?? new Bulkhead();
  bulkheads.set(address, bulkhead);
  const inside = concurrencyLimit();
  try {
    const leave = await bulkhead.enter({ inside, ...QUEUE });
    return () => {
      leave();
      if (bulkhead.isEmpty) bulkheads.delete(address);
    };
  } catch (error) {
    if (!(error instanceof BulkheadFull)) throw error;
    throw new AppError("RATE_LIMITED", {
      detail: `At most ${inside} concurrent requests per address, and too many are waiting. Try again.`,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
}

/** The limit per client address: at least two, so that one slow request does not block all other members behind the same router. */
function concurrencyLimit(): number {
  const { REQUESTS_AT_ONCE_PER_ADDRESS } = Config.section("http");
  return REQUESTS_AT_ONCE_PER_ADDRESS ?? Math.max(2, Math.floor(Config.section("database").DATABASE_POOL_SIZE / 4));
}
