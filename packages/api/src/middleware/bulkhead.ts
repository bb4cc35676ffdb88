import type { Context, MiddlewareHandler } from "hono";
import { Bulkhead, BulkheadFull } from "@gotong/core/platform/bulkhead.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { clientAddress } from "../client-address.ts";
import { isProbe } from "../route-kinds.ts";

/** Requests of one address that wait for a place: as many as it may send in a minute when nothing is set. */
const QUEUE = { waiting: 100, waitMs: 10_000 };
const RETRY_AFTER_SECONDS = 1;

const bulkheads = new Map<string, Bulkhead>();

/**
 * Lets one address use a share of this process only: so many of its requests at a time, by default as many as a quarter of the
 * database pool has connections; the next ones wait. Its own are slow then, and nobody else's. Comes after the body has been read, so that a
 * client that sends slowly takes no place. Probes are let through.
 * @throws AppError RATE_LIMITED when too many wait, or one waits for too long
 */
export const shareOfAddress: MiddlewareHandler = async (c, next) => {
  if (isProbe(c.req.path)) return next();
  const leave = await enter(c);
  try {
    await next();
  } finally {
    leave();
  }
};

async function enter(c: Context): Promise<() => void> {
  const address = await clientAddress(c);
  const bulkhead = bulkheads.get(address) ?? new Bulkhead();
  bulkheads.set(address, bulkhead);
  const inside = mostAtOnce();
  try {
    const leave = await bulkhead.enter({ inside, ...QUEUE });
    return () => {
      leave();
      if (bulkhead.isEmpty) bulkheads.delete(address);
    };
  } catch (error) {
    if (!(error instanceof BulkheadFull)) throw error;
    throw new AppError("RATE_LIMITED", {
      detail: `At most ${inside} requests of one address are worked on at a time, and too many wait. Try again.`,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
}

/** Two at least, so that a slow request does not hold up all others that come from behind the same router. */
function mostAtOnce(): number {
  const { REQUESTS_AT_ONCE_PER_ADDRESS } = Config.section("http");
  return REQUESTS_AT_ONCE_PER_ADDRESS ?? Math.max(2, Math.floor(Config.section("database").DATABASE_POOL_SIZE / 4));
}
