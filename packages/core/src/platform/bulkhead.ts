/** Thrown when a caller is rejected: the queue is full, or the caller has waited too long. */
export class BulkheadFull extends Error {
  constructor() {
    super("the bulkhead is full");
    this.name = "BulkheadFull";
  }
}

export interface BulkheadLimits {
  /** Maximum number of callers that use the resource at the same time. */
  readonly inside: number;
  /** Maximum number of callers that wait in the queue. */
  readonly waiting: number;
  readonly waitMs: number;
}

/**
 * Limits how much of a shared resource one group of callers can use (bulkhead pattern), so that the rest stays available for other groups.
 */
export class Bulkhead {
  #inside = 0;
  /** Waiting callers in the order of their arrival. */
  readonly #waiting = new Set<() => void>();

  /** Whether no caller uses the resource. Then no caller waits either. */
  get isEmpty(): boolean {
    return this.#inside === 0;
  }

  /**
   * Lets the caller use the resource: immediately, or as soon as another caller leaves.
   * @returns a function by which the caller leaves; a second call has no effect
   * @throws BulkheadFull
   */
  async enter(limits: BulkheadLimits): Promise<() => void> {
    if (this.#inside < limits.inside) this.#inside += 1;
    else await this.#wait(limits); // a caller that leaves gives its place to a waiting caller, so the number inside stays the same
    let isInside = true;
    return () => {
      if (isInside) this.#leave();
      isInside = false;
    };
  }

  #wait({ waiting, waitMs }: BulkheadLimits): Promise<void> {
    if (this.#waiting.size >= waiting) throw new BulkheadFull();
    return new Promise((resolve, reject) => {
      const enter = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(enter);
        reject(new BulkheadFull());
      }, waitMs);
      this.#waiting.add(enter);
    });
  }

  #leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#inside -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
