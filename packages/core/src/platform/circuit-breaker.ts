/**
 * Stops calls to a service that does not answer (circuit breaker pattern). Closed: every call is made. After the given
 * number of consecutive failures it opens: no call is made for some time. Then it is half-open: the next call is a
 * probe, whose success closes the circuit breaker and whose failure opens it again. Pure: the caller passes the time.
 * `webhook/circuit-breaker.ts` is a different circuit breaker, which pauses the queue of deliveries for all processes.
 */
export class CircuitBreaker {
  readonly #failuresToOpen: number;
  #failures = 0;
  #openUntil: number | undefined;
  #isProbing = false;

  constructor(failuresToOpen: number) {
    this.#failuresToOpen = failuresToOpen;
  }

  /** Whether a call would be rejected now. @param now in milliseconds */
  isOpen(now: number): boolean {
    return this.#openUntil !== undefined && (this.#isProbing || now < this.#openUntil);
  }

  /** Asks for permission to make a call. The caller must report the result of the call. @param now in milliseconds */
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

  /** Records a failed call. @param now in milliseconds @param openMs how long the circuit breaker stays open, if this failure opens it */
  failed(now: number, openMs: number): void {
    this.#failures += 1;
    const isFirstTime = this.#openUntil === undefined && this.#failures >= this.#failuresToOpen;
    // A call that began before the circuit breaker opened does not extend the open time; a failed probe opens it again.
    if (isFirstTime || (this.#isProbing && now >= (this.#openUntil ?? 0))) this.#openUntil = now + openMs;
    this.#isProbing = false;
  }
}
