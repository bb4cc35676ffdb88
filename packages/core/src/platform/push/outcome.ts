/** The outcome of one attempt at a push. */
export interface Outcome {
  /**
   * `gone`: the subscription has expired. `later`: the push was certainly not accepted and may be retried. `unknown`: the push may have been
   * accepted and is not retried, since no device must get it twice. `refused`: the push will never be accepted.
   */
  readonly result: "sent" | "gone" | "later" | "unknown" | "refused";
  /** Delay that the push service asks for. */
  readonly retryAfterSeconds?: number;
}

/** Errors of connections that were never established: the service has not received the push. */
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
/** Upper limit of attempts of one push. */
const ATTEMPTS_MAX = 6;
const FIRST_RETRY_SECONDS = 30;
/** Maximum delay of an SQS message. */
const LONGEST_RETRY_SECONDS = 900;

/**
 * Maps the result of an attempt to its outcome.
 * @param answer the status of the response, or the code of the error if there was no response
 * @param retryAfter the `Retry-After` header; only its form in seconds is read, since push services use that form
 */
export function outcomeOf(answer: number | string, retryAfter: string | null): Outcome {
  if (typeof answer === "string") return { result: NEVER_SENT.has(answer) ? "later" : "unknown" };
  if (answer >= 200 && answer < 300) return { result: "sent" };
  if (answer === 404 || answer === 410) return { result: "gone" };
  if (answer !== 429 && answer < 500) return { result: "refused" };
  return retryAfter !== null && /^\d{1,6}$/.test(retryAfter)
    ? { result: "later", retryAfterSeconds: Number(retryAfter) }
    : { result: "later" };
}

/**
 * The delay before the next attempt; undefined if there is no next attempt.
 * @param attempts the number of attempts made
 */
export function retryDelaySeconds(attempts: number, { result, retryAfterSeconds = 0 }: Outcome): number | undefined {
  if (result !== "later" || attempts >= ATTEMPTS_MAX) return undefined;
  return Math.min(LONGEST_RETRY_SECONDS, Math.max(retryAfterSeconds, FIRST_RETRY_SECONDS * 2 ** (attempts - 1)));
}
