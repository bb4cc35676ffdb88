/**
 * Stops asking a service that does not answer (the pattern Circuit Breaker). Closed, every call is made. After so many failures in a
 * row it opens, and no call is made for a time. Then it is half-open: one call is made, whose outcome closes or opens it again. Pure:
 * the caller says what time it is. The one for deliveries (`delivery/breaker.ts`) is another: it stops a queue, for all processes.
 */
export class CircuitBreaker {
  readonly #failuresToOpen: number;
  #failures = 0;
  #openUntil: number | undefined;
  #isProbing = false;

  constructor(failuresToOpen: number) {
    this.#failuresToOpen = failuresToOpen;
  }

  /** Whether a call would not be made now. @param now in milliseconds */
  isOpen(now: number): boolean {
    return this.#openUntil !== undefined && (this.#isProbing || now < this.#openUntil);
  }

  /** Asks for leave to make a call; the caller reports its outcome. @param now in milliseconds */
  tryAcquire(now: number): boolean {
    if (this.isOpen(now)) return false;
    this.#isProbing = this.#openUntil !== undefined;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openUntil = undefined;
    this.#isProbing = false;
  }

  /** @param now in milliseconds @param openMs how long no call is made, when this opens it */
  failed(now: number, openMs: number): void {
    this.#failures += 1;
    const isFirstTime = this.#openUntil === undefined && this.#failures >= this.#failuresToOpen;
    // What had begun before it opened says nothing new; the probe that failed opens it again.
    if (isFirstTime || (this.#isProbing && now >= (this.#openUntil ?? 0))) this.#openUntil = now + openMs;
    this.#isProbing = false;
  }
}
