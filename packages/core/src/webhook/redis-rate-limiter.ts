import { SharedRedis } from "../platform/cache/redis.ts";

// What the senders of a stage share where there is a Redis: their pace, the pause that a 429 asks for, and the valve. Each function
// answers undefined when there is none or it does not answer; every sender then keeps to its own share. Times are those of Redis,
// so that clocks of pods which differ do no harm.
const FLOW = "markov:flow";
const VALVE = "markov:valve";
/** Without an attempt for so long the state says nothing any more. */
const KEPT_MS = 3_600_000;

const NOW = `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** {@link Pace} `turn`, where all can see it: takes a turn unless it is further away than ARGV[1] milliseconds. */
const TURN = `${NOW}
local longest, interval, burst, burst_at_start, slow_start, slowest, old, is_old = unpack(ARGV)
local state = redis.call("HMGET", KEYS[1], "next_at", "slow_since", "held_until")
local next_at = tonumber(state[1] or (is_old == "1" and now or now - burst_at_start))
local slow_since = tonumber(state[2] or (is_old == "1" and now or 0))
if is_old == "1" and now - next_at > tonumber(old) then next_at, slow_since = now, now end
local held_for = tonumber(state[3] or 0) - now
if held_for > 0 then return {0, math.ceil(held_for)} end
local speed = math.min(1, math.max(slowest, (now - slow_since) / slow_start))
local at = math.max(next_at, now - burst)
local wait = math.max(0, at - now)
if wait > tonumber(longest) then return {0, math.ceil(wait)} end
redis.call("HSET", KEYS[1], "next_at", at + interval / speed, "slow_since", slow_since)
redis.call("PEXPIRE", KEYS[1], ${KEPT_MS})
return {1, math.ceil(wait)}`;

const SLOW_DOWN = `${NOW}
local state = redis.call("HMGET", KEYS[1], "next_at", "held_until")
local held_until = math.max(tonumber(state[2] or 0), now + ARGV[1])
redis.call("HSET", KEYS[1], "next_at", math.max(now, tonumber(state[1] or 0)), "slow_since", now, "held_until", held_until)
redis.call("PEXPIRE", KEYS[1], ${KEPT_MS} + ARGV[1])`;

/** All in milliseconds but for `slowest`, a share of the rate. */
export interface Rules {
  readonly intervalMs: number;
  readonly burstMs: number;
  readonly burstAtStartMs: number;
  readonly slowStartMs: number;
  readonly slowest: number;
  /** After so long without an attempt, an old event means that sending begins after an outage. */
  readonly oldMs: number;
  /** Whether the event is so old that it tells of an outage. */
  readonly isAfterOutage: boolean;
}

/** Takes the next turn of all senders, unless that is further away than `longestMs` or all are to wait. */
export async function takeTurn(
  longestMs: number,
  rules: Rules,
): Promise<{ readonly isTaken: boolean; readonly waitMs: number } | undefined> {
  const { intervalMs, burstMs, burstAtStartMs, slowStartMs, slowest, oldMs, isAfterOutage } = rules;
  const values = [longestMs, intervalMs, burstMs, burstAtStartMs, slowStartMs, slowest, oldMs, isAfterOutage ? 1 : 0];
  const answer: unknown = await SharedRedis.ask((redis) => redis.eval(TURN, 1, FLOW, ...values));
  if (!Array.isArray(answer)) return undefined;
  return { isTaken: answer[0] === 1, waitMs: Number(answer[1]) };
}

/** Lets nobody send for so long, and everybody slowly afterwards. */
export async function slowDown(holdMs: number): Promise<void> {
  await SharedRedis.ask((redis) => redis.eval(SLOW_DOWN, 1, FLOW, Math.ceil(holdMs)));
}

export async function closeValve(forMs: number): Promise<void> {
  await SharedRedis.ask((redis) => redis.set(VALVE, "closed", "PX", Math.max(1, Math.ceil(forMs))));
}

export async function openValve(): Promise<void> {
  await SharedRedis.ask((redis) => redis.del(VALVE));
}

export async function isValveClosed(): Promise<boolean | undefined> {
  const found = await SharedRedis.ask((redis) => redis.exists(VALVE));
  return found === undefined ? undefined : found === 1;
}

export * as SharedFlow from "./redis-rate-limiter.ts";
