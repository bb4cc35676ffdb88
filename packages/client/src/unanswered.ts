import { ProblemError, hasCode } from "./problem.ts";

/** Time after which the same request counts as a new one. */
const MEMORY_MS = 10 * 60_000;

/**
 * Requests whose outcome is unknown, because no attempt got an answer. If the caller sends the same request again, such as a
 * person who taps again, it gets the same idempotency key, and the API returns the first answer.
 */
export class Unanswered {
  readonly #requests = new Map<string, { readonly key: string; readonly at: number }>();

  /** The key of the same request without an answer; undefined if there is none. */
  keyOf(request: string, now = Date.now()): string | undefined {
    const found = this.#requests.get(request);
    return found !== undefined && now - found.at < MEMORY_MS ? found.key : undefined;
  }

  /**
   * Records the end of a request.
   * @param error undefined for a success
   */
  end(request: string, key: string, error?: unknown, now = Date.now()): void {
    for (const [other, { at }] of this.#requests) if (now - at >= MEMORY_MS) this.#requests.delete(other);
    if (error === undefined || isAnswer(error)) this.#requests.delete(request);
    else this.#requests.set(request, { key, at: now });
  }
}

/** Whether an error is an answer of the API, and not a failure on the way to it or back. */
const isAnswer = (error: unknown): boolean =>
  error instanceof ProblemError && error.status < 500 && !hasCode(error, "IDEMPOTENCY_KEY_IN_USE");
