import type { RateLimiterAbstract } from "rate-limiter-flexible";
import type { Redis } from "ioredis";
import * as v from "valibot";
import { SharedRedis } from "../cache/index.ts";
import { onReset } from "../reset.ts";

/** A limit on requests for one key in a time window. */
export interface Rule {
  /** The name of the limit in Redis and in the `RateLimit` headers. */
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

export interface LimitResult {
  readonly isAllowed: boolean;
  readonly remaining: number;
  /** Seconds until the window expires. */
  readonly resetSeconds: number;
}

const inMemory = new Map<string, Promise<RateLimiterAbstract>>();
const inRedis = new Map<string, { redis: Redis; limiter: Promise<RateLimiterAbstract> }>();

/**
 * Counts one request of `key`. The count is kept in Redis for all processes if Redis is configured. Without Redis, or while it does not
 * answer, each process counts for itself: the limit is then looser, but there is no outage.
 */
export async function take(rule: Rule, key: string): Promise<LimitResult> {
  const shared = SharedRedis.isConfigured()
    ? await SharedRedis.ask(async (redis) => consume(await redisLimiter(redis, rule), key))
    : undefined;
  return shared ?? consume(await memoryLimiter(rule), key);
}

async function consume(limiter: RateLimiterAbstract, key: string): Promise<LimitResult> {
  try {
    return toResult(await limiter.consume(key), true);
  } catch (refusal) {
    if (refusal instanceof Error) throw refusal;
    return toResult(refusal, false);
  }
}

/**
 * The library resolves its promise with such an object up to the limit, and rejects it with such an object above the
 * limit.
 */
const Consumed = v.object({ remainingPoints: v.number(), msBeforeNext: v.number() });

function toResult(result: unknown, isAllowed: boolean): LimitResult {
  const { remainingPoints, msBeforeNext } = v.parse(Consumed, result);
  return {
    isAllowed,
    remaining: isAllowed ? remainingPoints : 0,
    resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
  };
}

const options = ({ name, limit, windowSeconds }: Rule) => ({
  keyPrefix: `limit:${name}`,
  points: limit,
  duration: windowSeconds,
});
const idOf = ({ name, limit, windowSeconds }: Rule) => `${name}:${limit}:${windowSeconds}`;

function memoryLimiter(rule: Rule): Promise<RateLimiterAbstract> {
  const made =
    inMemory.get(idOf(rule)) ??
    import("rate-limiter-flexible/lib/RateLimiterMemory.js").then(({ default: Memory }) => new Memory(options(rule)));
  inMemory.set(idOf(rule), made);
  return made;
}

function redisLimiter(redis: Redis, rule: Rule): Promise<RateLimiterAbstract> {
  const known = inRedis.get(idOf(rule));
  if (known?.redis === redis) return known.limiter;
  const limiter = import("rate-limiter-flexible/lib/RateLimiterRedis.js").then(
    // Above the limit, requests are rejected from memory until the window expires, so that an attack does not reach Redis.
    ({ default: Shared }) =>
      new Shared({ ...options(rule), storeClient: redis, inMemoryBlockOnConsumed: rule.limit + 1 }),
  );
  inRedis.set(idOf(rule), { redis, limiter });
  return limiter;
}

/** Clears the counts of this process (tests). */
export function forget(): void {
  inMemory.clear();
  inRedis.clear();
}
onReset(forget);

export * as Limit from "./limit.ts";
