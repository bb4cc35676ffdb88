import { SharedRedis } from "../platform/cache/index.ts";

// State that all senders of a stage share through Redis: the rate limiter, the pause after a 429, and the delivery switch. Each function
// returns undefined when there is no Redis or Redis does not answer; each sender then uses its own share. Times come from the Redis server,
// so that clock differences between pods do no harm.
const LIMITER = "markov:rate-limiter";
const PAUSED = "markov:paused";
/** The state expires after this time without an attempt. */
const KEPT_MS = 3_600_000;

const NOW = `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * The rate limiter's `slot` as a Redis script, so that all senders share its state. Takes a slot unless the wait is longer than ARGV[1]
 * milliseconds.
 */
const SLOT = `${NOW}
local longest, interval, burst, burst_at_start, slow_start, slowest, old, is_old = unpack(ARGV)
local state = redis.call("HMGET", KEYS[1], "next_at", "slow_since", "paused_until")
local next_at = tonumber(state[1] or (is_old == "1" and now or now - burst_at_start))
local slow_since = tonumber(state[2] or (is_old == "1" and now or 0))
if is_old == "1" and now - next_at > tonumber(old) then next_at, slow_since = now, now end
local paused_for = tonumber(state[3] or 0) - now
if paused_for > 0 then return {0, math.ceil(paused_for)} end
local speed = math.min(1, math.max(slowest, (now - slow_since) / slow_start))
local at = math.max(next_at, now - burst)
local wait = math.max(0, at - now)
if wait > tonumber(longest) then return {0, math.ceil(wait)} end
redis.call("HSET", KEYS[1], "next_at", at + interval / speed, "slow_since", slow_since)
redis.call("PEXPIRE", KEYS[1], ${KEPT_MS})
return {1, math.ceil(wait)}`;

const SLOW_START = `${NOW}
local state = redis.call("HMGET", KEYS[1], "next_at", "paused_until")
local paused_until = math.max(tonumber(state[2] or 0), now + ARGV[1])
redis.call("HSET", KEYS[1], "next_at", math.max(now, tonumber(state[1] or 0)), "slow_since", now, "paused_until", paused_until)
redis.call("PEXPIRE", KEYS[1], ${KEPT_MS} + ARGV[1])`;

/** Parameters of the rate limiter. All are in milliseconds, except `slowest`, which is a fraction of the rate. */
export interface Rules {
  readonly intervalMs: number;
  readonly burstMs: number;
  readonly burstAtStartMs: number;
  readonly slowStartMs: number;
  readonly slowest: number;
  /** Idle time after which an old event indicates that an outage has just finished. */
  readonly oldMs: number;
  /** Whether the event is old enough to indicate an outage. */
  readonly isAfterOutage: boolean;
}

/**
 * Takes the next slot of the rate limiter that all senders share, unless the wait is longer than `longestMs` or all
 * senders are paused.
 */
export async function takeSlot(
  longestMs: number,
  rules: Rules,
): Promise<{ readonly isTaken: boolean; readonly waitMs: number } | undefined> {
  const { intervalMs, burstMs, burstAtStartMs, slowStartMs, slowest, oldMs, isAfterOutage } = rules;
  const values = [longestMs, intervalMs, burstMs, burstAtStartMs, slowStartMs, slowest, oldMs, isAfterOutage ? 1 : 0];
  const answer: unknown = await SharedRedis.ask((redis) => redis.eval(SLOT, 1, LIMITER, ...values));
  if (!Array.isArray(answer)) return undefined;
  return { isTaken: answer[0] === 1, waitMs: Number(answer[1]) };
}

/** Pauses all senders for `pauseMs`; afterwards they start slowly. */
export async function slowStart(pauseMs: number): Promise<void> {
  await SharedRedis.ask((redis) => redis.eval(SLOW_START, 1, LIMITER, Math.ceil(pauseMs)));
}

export async function pauseDeliveries(forMs: number): Promise<void> {
  await SharedRedis.ask((redis) => redis.set(PAUSED, "paused", "PX", Math.max(1, Math.ceil(forMs))));
}

export async function resumeDeliveries(): Promise<void> {
  await SharedRedis.ask((redis) => redis.del(PAUSED));
}

export async function areDeliveriesPaused(): Promise<boolean | undefined> {
  const found = await SharedRedis.ask((redis) => redis.exists(PAUSED));
  return found === undefined ? undefined : found === 1;
}

export * as RedisRateLimiter from "./redis-rate-limiter.ts";
