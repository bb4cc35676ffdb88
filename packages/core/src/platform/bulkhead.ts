/** Thrown when there is no free place: the queue is full, or the wait took too long. */
export class BulkheadFull extends Error {
  constructor() {
    super("the bulkhead is full");
    this.name = "BulkheadFull";
  }
}

export interface BulkheadLimits {
  /** Upper limit of callers inside at a time. */
  readonly inside: number;
  /** Upper limit of callers that wait for a place. */
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

  /** Whether no caller is inside or waiting. */
  get isEmpty(): boolean {
    return this.#inside === 0;
  }

  /**
   * Takes a place, immediately or as soon as one is free.
   * @returns a function that frees the place; calling it twice has no effect
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
