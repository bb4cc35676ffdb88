import { AsyncLocalStorage } from "node:async_hooks";
import { Random } from "./random.ts";

/**
 * A process that can be killed: an invocation of a function, or a server. After a kill its pending operations never
 * resolve.
 */
export class Process {
  isAlive = true;
  readonly name: string;
  readonly #lastWords: (() => void)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** @param what called when the process dies, to close its connections */
  onDeath(what: () => void): void {
    this.#lastWords.push(what);
  }

  kill(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    for (const what of this.#lastWords) what();
  }
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => Promise<void> | void;
}

/**
 * Runs one simulation step by step, in an order that depends only on the seed. Every asynchronous operation for which
 * the platform's code waits takes virtual time here, and the process may be killed before or after it.
 */
export class Scheduler {
  /** Simulated time, in milliseconds since the start of the simulation. */
  now = 0;
  steps = 0;
  readonly random: Random;
  /** The probability that a process is killed at an operation. */
  crashRate = 0;
  kills = 0;
  /** Whether a process is killed before or after its current operation: by chance, or where a test decides. */
  isKilled: (process: Process, when: "before" | "after") => boolean = () => this.random.chance(this.crashRate);
  /** The latest steps, for the analysis of a failing seed. */
  readonly history: string[] = [];
  readonly #timers: Timer[] = [];
  readonly #process = new AsyncLocalStorage<Process>();
  #order = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  /** The process whose code is running. */
  process(): Process {
    const process = this.#process.getStore();
    if (!process) throw new Error("no process is running");
    return process;
  }

  /** Starts `work` in a process. Its errors go to `failed`. */
  spawn(process: Process, work: () => Promise<unknown>, failed: (error: unknown) => void): void {
    this.after(0, () => {
      if (!process.isAlive) return;
      void this.#process.run(process, () => work().catch(failed));
    });
  }

  /** Calls `fire` after the given number of milliseconds. */
  after(ms: number, fire: Timer["fire"]): void {
    const timer = { at: this.now + ms, order: (this.#order += 1), fire };
    let [low, high] = [0, this.#timers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#timers[middle];
      if (other && (other.at > timer.at || (other.at === timer.at && other.order > timer.order))) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer); // sorted by time in descending order: the next timer is the last
  }

  /**
   * Runs one operation of the current process, such as a statement or a request. It takes effect once, `ms` after its
   * start.
   */
  op<T>(label: string, work: () => Promise<T> | T, ms = this.random.int(1, 15)): Promise<T> {
    const process = this.process();
    return new Promise<T>((resolve, reject) => {
      this.after(ms, async () => {
        if (!process.isAlive) return;
        if (this.isKilled(process, "before")) return this.#kill(process, `before ${label}`);
        try {
          const result = await work();
          if (this.isKilled(process, "after")) return this.#kill(process, `after ${label}`);
          this.note(`${process.name}: ${label}`);
          resolve(result);
        } catch (error) {
          this.note(`${process.name}: ${label} failed`);
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }

  sleep(ms: number): Promise<void> {
    return this.op("sleep", () => undefined, ms);
  }

  #kill(process: Process, when: string): void {
    this.kills += 1;
    this.note(`${process.name} KILLED ${when}`);
    process.kill();
  }

  note(what: string): void {
    this.history.push(`${(this.now / 1000).toFixed(3)} ${what}`);
    if (this.history.length > 4000) this.history.splice(0, 2000);
  }

  /** Runs all timers before the simulated time `until`. */
  async run(until: number): Promise<void> {
    for (;;) {
      await settled();
      const next = this.#timers.at(-1);
      if (!next || next.at > until) break;
      this.#timers.pop();
      this.now = Math.max(this.now, next.at);
      this.steps += 1;
      await next.fire();
    }
    this.now = Math.max(this.now, until);
  }
}

/**
 * Resolves when all code that can continue has run: code that still waits then, waits for an operation of the
 * scheduler.
 */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
