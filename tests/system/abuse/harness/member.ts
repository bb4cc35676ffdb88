import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { HttpRequest } from "./send.ts";

/** The member's requests of one round. */
export interface Order {
  readonly url: string;
  readonly address: string;
  readonly probeAddress: string;
  /** The requests, sent in turn. */
  readonly requests: readonly HttpRequest[];
  readonly count: number;
  /** Minimum time over which the requests are spread. */
  readonly leastMs: number;
}

export interface Report {
  readonly times: number[];
  readonly statuses: Record<string, number>;
  readonly ready: Record<string, number>;
  readonly live: Record<string, number>;
  readonly liveTimes: number[];
  /** Number of requests to `/ready`, and also to `/live`. */
  probes: number;
}

/** The process in which the measured member runs. */
export class Member {
  readonly #child = fork(join(import.meta.dirname, "member-process.ts"), { execArgv: [] });

  async work(order: Order): Promise<Report> {
    this.#child.send(order);
    const [report]: (Report | number | null)[] = await Promise.race([
      once(this.#child, "message"),
      once(this.#child, "exit"),
    ]);
    if (typeof report !== "object" || report === null) throw new Error("the member's process ended");
    return report;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
