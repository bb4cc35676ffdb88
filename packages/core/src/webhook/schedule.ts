/** How a sender treats a response of Markov, or a missing response (platform.md §4). */
export type Verdict = "delivered" | "slow_down" | "retry" | "our_fault" | "refused";

const RETRY_HOURS = 72;
/**
 * Number of attempts that every event gets, even if it is older than 72 hours because of a long outage. By the 12th attempt the backoff has
 * grown to an hour.
 */
export const ATTEMPTS_BEFORE_DEAD = 12;
const LONGEST_WAIT_SECONDS = 3600;
/** The pause of all senders after a 429 without `Retry-After`. */
const PAUSE_SECONDS = 5;
/** The first wait after a status that indicates a wrong secret or URL, which takes longer than seconds to fix. */
const SLOWEST_FIRST_SECONDS = 60;

/** The verdict on an HTTP status; null means that there was no response (timeout, connection refused, reset, DNS, TLS). */
export function verdictOn(status: number | null): Verdict {
  if (status === null) return "retry";
  if (status >= 200 && status < 300) return "delivered";
  if (status === 429) return "slow_down";
  if (status === 401 || status === 403 || status === 404) return "our_fault";
  if (status === 400 || status === 413 || status === 422) return "refused";
  return "retry";
}

/** Whether the verdict shows that Markov works: it accepted the event or refused it as invalid. */
export const isAnswer = (verdict: Verdict) => verdict === "delivered" || verdict === "refused";

/**
 * Seconds until the next attempt: 1, 2, 4, 8, then doubled up to an hour, ±20 %. Never shorter than `Retry-After`, which is capped at an hour.
 * @param attempts the number of attempts made, at least 1
 * @param random a number in [0, 1)
 */
export function waitSeconds(verdict: Verdict, attempts: number, random: number, retryAfterSeconds?: number): number {
  const doubled = 2 ** Math.min(attempts - 1, 12);
  const base = verdict === "our_fault" ? Math.max(SLOWEST_FIRST_SECONDS, doubled) : doubled;
  const jittered = base > 8 ? base * (0.8 + 0.4 * random) : base;
  return Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.round(jittered), Math.ceil(retryAfterSeconds ?? 0)));
}

/**
 * Seconds for which all senders pause after a 429: the time that Markov asks for, up to an hour. Independent of the event's own backoff.
 */
export function pauseSeconds(retryAfterSeconds: number | undefined): number {
  return Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.ceil(retryAfterSeconds ?? PAUSE_SECONDS)));
}

/**
 * Whether the event gets no further retry: 72 hours after `since`, but never before 12 attempts.
 * @param since when the event was created or last sent again
 */
export function isOutOfRetries(since: Date, attempts: number, now: Date): boolean {
  return attempts >= ATTEMPTS_BEFORE_DEAD && now.getTime() - since.getTime() > RETRY_HOURS * 3_600_000;
}

/** Parses `Retry-After` from its number or date form into seconds; undefined when it is missing or invalid. */
export function retryAfter(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now.getTime()) / 1000);
}
