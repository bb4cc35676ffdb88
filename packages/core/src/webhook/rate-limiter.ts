import { Clock } from "../platform/clock.ts";
import { Config } from "../platform/config.ts";
import { SharedFlow } from "./redis-rate-limiter.ts";

/** Burst that Markov takes, in minutes of its rate: 2,000 at 1,000 a minute (platform.md §1). */
const BURST_MINUTES = 2;
/** Of the limit, what is used: an attempt leaves a moment after its turn, and no minute is to see one too many. */
const USED = 0.99;
/** What a new process may send at once. Not the whole burst: processes come and go, and each would begin with another. */
const BURST_AT_START = 100;
/** A process whose first event is older has been started after an outage. */
const OLD_MS = 5 * 60_000;
/** After an outage the rate grows from a tenth to the whole within this time. */
const SLOW_START_MS = 60_000;
const SLOWEST = 0.1;

/** The state of the limit (GCRA): when the next attempt would be due in an even flow. Milliseconds since the epoch. */
export interface Pace {
  readonly nextAt: number;
  readonly slowSince: number;
}

/**
 * The turn of one more attempt.
 * @param perMinute attempts a minute that this process may make
 * @returns how long to wait for it, and the state once it is taken
 */
export function turn(pace: Pace, now: number, perMinute: number): { waitMs: number; taken: Pace } {
  const elapsed = (now - pace.slowSince) / SLOW_START_MS;
  const interval = 60_000 / perMinute / Math.min(1, Math.max(SLOWEST, elapsed));
  const at = Math.max(pace.nextAt, now - BURST_MINUTES * 60_000);
  return { waitMs: Math.max(0, at - now), taken: { ...pace, nextAt: at + interval } };
}

let pace: Pace | undefined;

/**
 * Waits for a turn, unless that takes longer than `longestMs`. Where there is a Redis all senders take turns from one flow; without
 * one, or while it does not answer, each keeps to its share of the limit.
 * @param createdAt when the event was made
 * @returns 0 when the turn has come; else the milliseconds after which to ask again, and no turn was taken
 */
export async function wait(longestMs: number, createdAt: Date): Promise<number> {
  const { MARKOV_LIMIT_PER_MINUTE, DELIVERY_SENDERS } = Config.section("webhook");
  const perMinute = MARKOV_LIMIT_PER_MINUTE * USED;
  const now = Clock.now().getTime();
  const isAfterOutage = now - createdAt.getTime() > OLD_MS;
  const shared = await SharedFlow.takeTurn(longestMs, rules(perMinute, isAfterOutage));
  // Should Redis go, this process goes on without another burst.
  if (shared) pace = { nextAt: now, slowSince: pace?.slowSince ?? (isAfterOutage ? now : -Infinity) };
  if (shared && !shared.isTaken) return shared.waitMs;
  const waitMs = shared?.waitMs ?? takeOwn(longestMs, now, perMinute / DELIVERY_SENDERS, isAfterOutage);
  if (waitMs > longestMs) return waitMs;
  if (waitMs > 0) await Clock.sleep(waitMs);
  return 0;
}

/** The turn of this process alone. @returns how long to wait for it; it is taken unless that is longer than `longestMs` */
function takeOwn(longestMs: number, now: number, perMinute: number, isAfterOutage: boolean): number {
  // One that has sent nothing for long and then gets what is old wakes up after an outage, too: what it saved up is no burst then.
  if (!pace || (isAfterOutage && now - pace.nextAt > OLD_MS)) pace = beginning(now, perMinute, isAfterOutage);
  const { waitMs, taken } = turn(pace, now, perMinute);
  if (waitMs <= longestMs) pace = taken;
  return waitMs;
}

function beginning(now: number, perMinute: number, isAfterOutage: boolean): Pace {
  if (isAfterOutage) return { nextAt: now, slowSince: now };
  // The burst is that of all who share a Redis; one that does not answer just now gives each no other.
  if (Config.section("cache").REDIS_URL !== undefined) return { nextAt: now, slowSince: -Infinity };
  return { nextAt: now - rules(perMinute, false).burstAtStartMs, slowSince: -Infinity };
}

function rules(perMinute: number, isAfterOutage: boolean): SharedFlow.Rules {
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
 * From now on slowly: no burst, and a rate that grows. After an outage, so that what comes back is not run over.
 * @param holdMs how long nobody is to send at all, where senders share a Redis
 */
export async function slowStart(holdMs = 0): Promise<void> {
  const now = Clock.now().getTime();
  pace = { nextAt: Math.max(now, pace?.nextAt ?? now), slowSince: now };
  await SharedFlow.slowDown(holdMs);
}

/** Begins as a new process does. */
export function reset(): void {
  pace = undefined;
}

export * as Pace from "./rate-limiter.ts";
