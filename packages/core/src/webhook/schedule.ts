/** How Markov's response, or its absence, is treated (platform.md §4). */
export type Verdict = "delivered" | "slow_down" | "retry" | "our_fault" | "refused";

const RETRY_HOURS = 72;
/**
 * By then the backoff has grown to an hour: events delayed by a long outage get attempts of their own, however old
 * they are.
 */
export const ATTEMPTS_BEFORE_DEAD = 12;
const LONGEST_WAIT_SECONDS = 3600;
/** The pause of all senders after a 429 without `Retry-After`. */
const PAUSE_SECONDS = 5;
/** The first wait after a wrong secret or URL, which is not fixed within seconds. */
const SLOWEST_FIRST_SECONDS = 60;

/** The verdict on an HTTP status; null means no response (timeout, connection refused, reset, DNS, TLS). */
export function verdictOn(status: number | null): Verdict {
  if (status === null) return "retry";
  if (status >= 200 && status < 300) return "delivered";
  if (status === 429) return "slow_down";
  if (status === 401 || status === 403 || status === 404) return "our_fault";
  if (status === 400 || status === 413 || status === 422) return "refused";
  return "retry";
}

/** Whether Markov works: it has accepted the event or refused it as invalid. */
export const isAnswer = (verdict: Verdict) => verdict === "delivered" || verdict === "refused";

/**
 * Seconds until the next attempt: 1, 2, 4, 8, then doubled up to an hour, ±20 %. Never sooner than `Retry-After`, which
 * is capped at an hour.
 * @param attempts how many were made, at least 1
 * @param random a number in [0, 1)
 */
export function waitSeconds(verdict: Verdict, attempts: number, random: number, retryAfterSeconds?: number): number {
  const doubled = 2 ** Math.min(attempts - 1, 12);
  const base = verdict === "our_fault" ? Math.max(SLOWEST_FIRST_SECONDS, doubled) : doubled;
  const jittered = base > 8 ? base * (0.8 + 0.4 * random) : base;
  return Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.round(jittered), Math.ceil(retryAfterSeconds ?? 0)));
}

/**
 * Seconds for which all senders pause after a 429: what Markov asks for, at most an hour. Independent of the event's
 * own backoff.
 */
export function pauseSeconds(retryAfterSeconds: number | undefined): number {
  return Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.ceil(retryAfterSeconds ?? PAUSE_SECONDS)));
}

/**
 * Whether retries end: 72 hours after `since`, but never before 12 attempts.
 * @param since when the event was created or last sent again
 */
export function isOutOfRetries(since: Date, attempts: number, now: Date): boolean {
  return attempts >= ATTEMPTS_BEFORE_DEAD && now.getTime() - since.getTime() > RETRY_HOURS * 3_600_000;
}

/** `Retry-After` in seconds, from its number or date form; undefined when it is missing or invalid. */
export function retryAfter(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now.getTime()) / 1000);
}
