/** Thrown to a caller for whom there was no place, not even in the queue, or not in time. */
export class BulkheadFull extends Error {
  constructor() {
    super("the bulkhead is full");
    this.name = "BulkheadFull";
  }
}

export interface BulkheadLimits {
  /** How many may be inside at a time. */
  readonly inside: number;
  /** How many may wait for a place. */
  readonly waiting: number;
  readonly waitMs: number;
}

/** A share of something for one group of callers (the pattern Bulkhead): the others keep theirs, whatever this group does. */
export class Bulkhead {
  #inside = 0;
  /** In the order of their arrival. */
  readonly #waiting = new Set<() => void>();

  /** Whether nobody is inside, and so nobody waits. */
  get isEmpty(): boolean {
    return this.#inside === 0;
  }

  /**
   * Takes a place, at once or when one is free.
   * @returns the function that gives it back; a second call of it changes nothing
   * @throws BulkheadFull
   */
  async enter(limits: BulkheadLimits): Promise<() => void> {
    if (this.#inside < limits.inside) this.#inside += 1;
    else await this.#wait(limits); // who leaves hands the place over, so the number inside stays the same
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
