import { Clock } from "../platform/clock.ts";
import { Config } from "../platform/config.ts";
import { RedisRateLimiter } from "./redis-rate-limiter.ts";
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
  const shared = await RedisRateLimiter.takeSlot(longestMs, rules(perMinute, isAfterOutage));
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

function rules(perMinute: number, isAfterOutage: boolean): RedisRateLimiter.Rules {
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
  await RedisRateLimiter.slowStart(pauseMs);
}

/** Resets the module to the state of a new process (tests, simulation). */
export function reset(): void {
  state = undefined;
}
onReset(reset);

export * as RateLimiter from "./rate-limiter.ts";
