import { SharedRedis } from "../platform/cache/index.ts";
import { Clock } from "../platform/clock.ts";
import { Config } from "../platform/config.ts";
import { onReset } from "../platform/reset.ts";

/** The burst that Markov allows, in minutes of its rate: 2,000 requests at 1,000 a minute (platform.md §1). */
const BURST_MINUTES = 2;
/**
 * Share of Markov's limit that we use. The rest is a margin: requests leave slightly late, and a one-minute window
 * could otherwise contain more requests than the limit.
 */
const USED_SHARE = 0.99;
/**
 * The burst of a new process. Smaller than Markov's whole burst, since processes start often, and each would otherwise
 * begin with a whole burst.
 */
const BURST_AT_START = 100;
/** Age of an event above which an idle process assumes that an outage has just finished. */
const OLD_MS = 5 * 60_000;
/** Duration of the slow start: after an outage the rate grows from a tenth to the full rate. */
const SLOW_START_MS = 60_000;
const SLOWEST = 0.1;

/** Parameters of the rate limiter. All are in milliseconds, except `slowest`, which is a fraction of the rate. */
interface Rules {
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
 * The state of the rate limiter (GCRA): `nextAt` is the due time of the next attempt at an even rate. Milliseconds since the epoch.
 */
export interface LimiterState {
  readonly nextAt: number;
  readonly slowSince: number;
}

/**
 * Computes the slot of the next attempt.
 * @param perMinute attempts per minute that this process may make
 * @returns the wait for the slot, and the state after taking the slot
 */
export function slot(state: LimiterState, now: number, perMinute: number): { waitMs: number; next: LimiterState } {
  const elapsed = (now - state.slowSince) / SLOW_START_MS;
  const interval = 60_000 / perMinute / Math.min(1, Math.max(SLOWEST, elapsed));
  const at = Math.max(state.nextAt, now - BURST_MINUTES * 60_000);
  return { waitMs: Math.max(0, at - now), next: { ...state, nextAt: at + interval } };
}

let state: LimiterState | undefined;

/**
 * Waits for a slot unless the wait would be longer than `longestMs`. With Redis, all senders share one rate limiter; without Redis, or while
 * it does not answer, each process uses its own share of the limit.
 * @param createdAt when the event was created
 * @returns 0 once the slot has come; otherwise the milliseconds after which to ask again, and then no slot was taken
 */
export async function wait(longestMs: number, createdAt: Date): Promise<number> {
  const { MARKOV_LIMIT_PER_MINUTE, DELIVERY_SENDERS } = Config.section("webhook");
  const perMinute = MARKOV_LIMIT_PER_MINUTE * USED_SHARE;
  const now = Clock.now().getTime();
  const isAfterOutage = now - createdAt.getTime() > OLD_MS;
  const shared = await takeSharedSlot(longestMs, rules(perMinute, isAfterOutage));
  // If Redis fails later, this process continues with a rate limiter of its own, which begins without a burst.
  if (shared) state = { nextAt: now, slowSince: state?.slowSince ?? (isAfterOutage ? now : -Infinity) };
  if (shared && !shared.isTaken) return shared.waitMs;
  const waitMs = shared?.waitMs ?? takeOwnSlot(longestMs, now, perMinute / DELIVERY_SENDERS, isAfterOutage);
  if (waitMs > longestMs) return waitMs;
  if (waitMs > 0) await Clock.sleep(waitMs);
  return 0;
}

/**
 * Takes a slot of this process's own share.
 * @returns the wait for the slot in milliseconds; if it is longer than `longestMs`, no slot was taken
 */
function takeOwnSlot(longestMs: number, now: number, perMinute: number, isAfterOutage: boolean): number {
  // An old event in an idle process means that an outage has just finished: discard the burst that accumulated while idle.
  if (!state || (isAfterOutage && now - state.nextAt > OLD_MS)) state = initialState(now, perMinute, isAfterOutage);
  const { waitMs, next } = slot(state, now, perMinute);
  if (waitMs <= longestMs) state = next;
  return waitMs;
}

function initialState(now: number, perMinute: number, isAfterOutage: boolean): LimiterState {
  if (isAfterOutage) return { nextAt: now, slowSince: now };
  // With Redis all senders share one burst: while Redis does not answer, a process gets no burst of its own.
  if (Config.section("cache").REDIS_URL !== undefined) return { nextAt: now, slowSince: -Infinity };
  return { nextAt: now - rules(perMinute, false).burstAtStartMs, slowSince: -Infinity };
}

function rules(perMinute: number, isAfterOutage: boolean): Rules {
  const intervalMs = 60_000 / perMinute;
  const burstMs = BURST_MINUTES * 60_000;
  return {
    intervalMs,
    burstMs,
    burstAtStartMs: Math.min(BURST_AT_START * intervalMs, burstMs),
    slowStartMs: SLOW_START_MS,
    slowest: SLOWEST,
    oldMs: OLD_MS,
    isAfterOutage,
  };
}

/**
 * Makes all senders start slowly: without a burst, and at a tenth of the rate, which then grows. Prevents an overload
 * of Markov after its recovery.
 * @param pauseMs how long all senders that share a Redis must not send at all
 */
export async function slowStart(pauseMs = 0): Promise<void> {
  const now = Clock.now().getTime();
  state = { nextAt: Math.max(now, state?.nextAt ?? now), slowSince: now };
  await SharedRedis.ask((redis) => redis.eval(SLOW_START, 1, LIMITER, Math.ceil(pauseMs)));
}

/** The key of the state that all senders share through Redis: the rate limiter, and the pause after a 429. */
const LIMITER = "markov:rate-limiter";
/** The state expires after this time without an attempt. */
const KEPT_MS = 3_600_000;

// Times come from the Redis server, so that clock differences between pods do no harm.
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

/**
 * Takes the next slot of the rate limiter that all senders share, unless the wait is longer than `longestMs` or all
 * senders are paused.
 * @returns undefined when there is no Redis or Redis does not answer; each sender then uses its own share
 */
async function takeSharedSlot(
  longestMs: number,
  { intervalMs, burstMs, burstAtStartMs, slowStartMs, slowest, oldMs, isAfterOutage }: Rules,
): Promise<{ readonly isTaken: boolean; readonly waitMs: number } | undefined> {
  const values = [longestMs, intervalMs, burstMs, burstAtStartMs, slowStartMs, slowest, oldMs, isAfterOutage ? 1 : 0];
  const answer: unknown = await SharedRedis.ask((redis) => redis.eval(SLOT, 1, LIMITER, ...values));
  if (!Array.isArray(answer)) return undefined;
  return { isTaken: answer[0] === 1, waitMs: Number(answer[1]) };
}

/** Resets the module to the state of a new process (tests, simulation). */
export function reset(): void {
  state = undefined;
}
onReset(reset);

export * as RateLimiter from "./rate-limiter.ts";
