/** How an answer (or its absence) from Markov is treated (platform.md §4). */
export type Verdict = "delivered" | "slow_down" | "retry" | "our_fault" | "refused";

const GIVE_UP_AFTER_HOURS = 72;
/** As many as the backoff takes to grow to an hour: what an outage held back gets chances of its own, however old it is. */
export const ATTEMPTS_BEFORE_GIVING_UP = 12;
const LONGEST_WAIT_SECONDS = 3600;
/** The pause of everyone after a 429 that names none. */
const PAUSE_SECONDS = 5;
/** A wrong secret or URL: it will not mend itself within seconds. */
const SLOWEST_FIRST_SECONDS = 60;

/** The verdict on an HTTP status; null stands for no answer at all (timeout, refused, reset, DNS, TLS). */
export function verdictOn(status: number | null): Verdict {
  if (status === null) return "retry";
  if (status >= 200 && status < 300) return "delivered";
  if (status === 429) return "slow_down";
  if (status === 401 || status === 403 || status === 404) return "our_fault";
  if (status === 400 || status === 413 || status === 422) return "refused";
  return "retry";
}

/** Whether Markov works: it has taken the event, or said that it is wrong. */
export const isAnswer = (verdict: Verdict) => verdict === "delivered" || verdict === "refused";

/**
 * Seconds until the next attempt: 1, 2, 4, 8, then doubled up to an hour, ±20 %. No sooner than a server's `Retry-After`, which
 * counts up to an hour.
 * @param attempts how many were made, at least 1
 * @param random a number in [0, 1)
 */
export function waitSeconds(verdict: Verdict, attempts: number, random: number, retryAfterSeconds?: number): number {
  const doubled = 2 ** Math.min(attempts - 1, 12);
  const base = verdict === "our_fault" ? Math.max(SLOWEST_FIRST_SECONDS, doubled) : doubled;
  const jittered = base > 8 ? base * (0.8 + 0.4 * random) : base;
  return Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.round(jittered), Math.ceil(retryAfterSeconds ?? 0)));
}

/** For how many seconds everyone pauses after a 429: what Markov asks for, at most an hour; it is not the event's own backoff. */
export function pauseSeconds(retryAfterSeconds: number | undefined): number {
  return Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.ceil(retryAfterSeconds ?? PAUSE_SECONDS)));
}

/**
 * Whether an event is given up instead of being retried: 72 hours after `since`, and attempted often enough to tell.
 * @param since when it was made, or last sent again
 */
export function isGivenUp(since: Date, attempts: number, now: Date): boolean {
  return attempts >= ATTEMPTS_BEFORE_GIVING_UP && now.getTime() - since.getTime() > GIVE_UP_AFTER_HOURS * 3_600_000;
}

/** `Retry-After` in seconds, from its number or date form; undefined when there is none or it makes no sense. */
export function retryAfter(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now.getTime()) / 1000);
}
