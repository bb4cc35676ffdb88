import { ProblemError } from "./problem.ts";

export interface RetryPolicy {
  /** The maximum number of attempts. */
  readonly attempts: number;
  /** The first wait; it doubles with each attempt. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 5, firstWaitMs: 250, longestWaitMs: 20_000 };
/** Upper limit of `Retry-After` for which the client waits; with a longer one it throws the error. */
const LONGEST_RETRY_AFTER_SECONDS = 60;

/**
 * Runs `send` until it succeeds, fails permanently, or reaches the maximum number of attempts. Retries network failures and
 * transient responses: safe, because every request with effects carries an idempotency key.
 */
export async function retrying<T>(
  send: () => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  random: () => number = Math.random,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      const wait = waitBefore(error, attempt, policy, random());
      if (wait === undefined || attempt >= policy.attempts || signal?.aborted) throw error;
      await sleep(wait, signal);
    }
  }
}

/** Milliseconds to wait before the next attempt; undefined if a retry cannot help. `random` adds jitter. */
export function waitBefore(error: unknown, attempt: number, policy: RetryPolicy, random: number): number | undefined {
  const backoff = Math.min(policy.longestWaitMs, policy.firstWaitMs * 2 ** (attempt - 1)) * (0.5 + random / 2);
  if (!(error instanceof ProblemError)) return isNetworkFailure(error) ? backoff : undefined;
  const isTransient = [429, 500, 502, 503, 504].includes(error.status) || error.code === "IDEMPOTENCY_KEY_IN_USE";
  if (!isTransient) return undefined;
  const retryAfter = error.retryAfterSeconds;
  if (retryAfter === undefined) return backoff;
  return retryAfter > LONGEST_RETRY_AFTER_SECONDS ? undefined : Math.max(retryAfter * 1000, backoff);
}

/** A failure of the network, which `fetch` reports as a TypeError in browsers and in Node. */
export const isNetworkFailure = (error: unknown) => error instanceof TypeError;

/**
 * Waits.
 * @throws the signal's reason when it is aborted
 */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    }
  });
}
