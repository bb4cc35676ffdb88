import { Clock } from "../platform/clock.ts";
import { Config } from "../platform/config.ts";
import { RedisRateLimiter } from "./redis-rate-limiter.ts";
import { onReset } from "../platform/reset.ts";

/** The burst that Markov allows, in minutes of its rate: 2,000 at 1,000 a minute (platform.md §1). */
const BURST_MINUTES = 2;
/** Use 99 % of the limit: requests leave slightly late, and no one-minute window may exceed the limit. */
const USED_SHARE = 0.99;
/**
 * The burst of a new process. Not the whole burst, since processes come and go and each would start with a full one.
 */
const BURST_AT_START = 100;
/** A process whose first event is older than this was started after an outage. */
const OLD_MS = 5 * 60_000;
/** After an outage the rate grows from a tenth to the full rate within this time. */
const SLOW_START_MS = 60_000;
const SLOWEST = 0.1;

/**
 * The state of the rate limiter (GCRA): `nextAt` is when the next attempt is due in an even flow. Milliseconds since
 * the epoch.
 */
export interface LimiterState {
  readonly nextAt: number;
  readonly slowSince: number;
}

/**
 * Computes one more attempt's slot.
 * @param perMinute attempts a minute that this process may make
 * @returns how long to wait for the slot, and the state after taking it
 */
export function slot(state: LimiterState, now: number, perMinute: number): { waitMs: number; next: LimiterState } {
  const elapsed = (now - state.slowSince) / SLOW_START_MS;
  const interval = 60_000 / perMinute / Math.min(1, Math.max(SLOWEST, elapsed));
  const at = Math.max(state.nextAt, now - BURST_MINUTES * 60_000);
  return { waitMs: Math.max(0, at - now), next: { ...state, nextAt: at + interval } };
}

let state: LimiterState | undefined;

/**
 * Waits for a slot unless the wait would be longer than `longestMs`. With Redis, all senders share one limiter; without
 * it, or while it does not answer, each process uses its own share of the limit.
 * @param createdAt when the event was created
 * @returns 0 once the slot has come; else the milliseconds after which to ask again, with no slot taken
 */
export async function wait(longestMs: number, createdAt: Date): Promise<number> {
  const { MARKOV_LIMIT_PER_MINUTE, DELIVERY_SENDERS } = Config.section("webhook");
  const perMinute = MARKOV_LIMIT_PER_MINUTE * USED_SHARE;
  const now = Clock.now().getTime();
  const isAfterOutage = now - createdAt.getTime() > OLD_MS;
  const shared = await RedisRateLimiter.takeSlot(longestMs, rules(perMinute, isAfterOutage));
  // If Redis fails later, this process continues without a new burst.
  if (shared) state = { nextAt: now, slowSince: state?.slowSince ?? (isAfterOutage ? now : -Infinity) };
  if (shared && !shared.isTaken) return shared.waitMs;
  const waitMs = shared?.waitMs ?? takeOwnSlot(longestMs, now, perMinute / DELIVERY_SENDERS, isAfterOutage);
  if (waitMs > longestMs) return waitMs;
  if (waitMs > 0) await Clock.sleep(waitMs);
  return 0;
}

/**
 * Takes a slot of this process's own share. @returns how long to wait for it; no slot is taken if that is longer than
 * `longestMs`
 */
function takeOwnSlot(longestMs: number, now: number, perMinute: number, isAfterOutage: boolean): number {
  // Idle process, old event: we are recovering from an outage. Drop the burst credit saved while idle.
  if (!state || (isAfterOutage && now - state.nextAt > OLD_MS)) state = initialState(now, perMinute, isAfterOutage);
  const { waitMs, next } = slot(state, now, perMinute);
  if (waitMs <= longestMs) state = next;
  return waitMs;
}

function initialState(now: number, perMinute: number, isAfterOutage: boolean): LimiterState {
  if (isAfterOutage) return { nextAt: now, slowSince: now };
  // With Redis the burst belongs to all senders together: while Redis does not answer, a process gets none of its own.
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
 * Slow start: no burst, and a rate that grows from a tenth. Keeps a Markov that has just recovered from being
 * overloaded.
 * @param pauseMs for how long no sender may send at all, where senders share a Redis
 */
export async function slowStart(pauseMs = 0): Promise<void> {
  const now = Clock.now().getTime();
  state = { nextAt: Math.max(now, state?.nextAt ?? now), slowSince: now };
  await RedisRateLimiter.slowStart(pauseMs);
}

/** Returns to the state of a new process (tests, simulation). */
export function reset(): void {
  state = undefined;
}
onReset(reset);

export * as RateLimiter from "./rate-limiter.ts";
