/** What became of an attempt. */
export interface Outcome {
  /**
   * `gone`: the subscription has ended. `later`: the push was certainly not accepted and may be tried again. `unknown`: it may have been
   * accepted, so it is not sent again, since no device must get it twice. `refused`: it never will be accepted.
   */
  readonly result: "sent" | "gone" | "later" | "unknown" | "refused";
  /** When the service wants to be asked again. */
  readonly retryAfterSeconds?: number;
}

/** Errors of connections that were never made: the service has not seen the push. */
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
/** Attempts of one push, and the first and longest delay between two. */
const ATTEMPTS_MAX = 6;
const FIRST_RETRY_SECONDS = 30;
/** SQS delays no message for longer. */
const LONGEST_RETRY_SECONDS = 900;

/**
 * @param answer the status of the response, or the code of the error if there was none
 * @param retryAfter the header of that name; only its form in seconds is read, which push services use
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
 * The delay before the next attempt; undefined if there is none.
 * @param attempts that were made
 */
export function retryDelaySeconds(attempts: number, { result, retryAfterSeconds = 0 }: Outcome): number | undefined {
  if (result !== "later" || attempts >= ATTEMPTS_MAX) return undefined;
  return Math.min(LONGEST_RETRY_SECONDS, Math.max(retryAfterSeconds, FIRST_RETRY_SECONDS * 2 ** (attempts - 1)));
}
