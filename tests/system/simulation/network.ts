import type { HttpResponse, HttpRequest } from "@gotong/core/platform/http-client/client.ts";
import type { Scheduler } from "./scheduler.ts";

const TIMEOUT_MS = 10_000;

/** One request that Markov accepted. */
export interface Arrival {
  readonly at: number;
  readonly eventId: string;
  readonly subject: string;
  readonly sequence: number;
}

/**
 * The period and the kind of an outage in which Markov fails for every request. Times are in milliseconds since the
 * start of the simulation.
 */
export interface Outage {
  readonly from: number;
  readonly until: number;
  readonly how: "refuse" | "hang" | "500" | "429" | "401";
}

/** Markov behind a network that loses requests and responses, hangs, and has outages. */
export class Network {
  lossRate = 0;
  /** Additional response time in milliseconds. */
  slownessMs = 0;
  /** Number of first events of each subject that Markov never accepts; it accepts all later events. */
  readonly rejected = new Map<string, number>();
  outages: readonly Outage[] = [];
  readonly arrivals: Arrival[] = [];
  /** Times at which requests were sent, whatever their result. */
  readonly attempts: number[] = [];
  readonly #world: Scheduler;

  constructor(world: Scheduler) {
    this.#world = world;
  }

  send = async (sending: HttpRequest): Promise<HttpResponse & { body: string }> => {
    this.attempts.push(this.#world.now);
    const outage = this.outages.find(({ from, until }) => from <= this.#world.now && this.#world.now < until);
    const { random } = this.#world;
    if (outage?.how === "refuse") return this.#world.op("Markov refuses", () => fail("ECONNREFUSED"));
    if (outage?.how === "hang") return this.#world.op("Markov hangs", () => fail("timeout"), TIMEOUT_MS);
    if (outage) return this.#world.op(`Markov answers ${outage.how}`, () => answer(Number(outage.how)));
    const subject = sending.headers["x-gr-subject"] ?? "";
    const sequence = Number(sending.headers["x-gr-sequence"]);
    if (sequence <= (this.rejected.get(subject) ?? 0)) return this.#world.op("Markov answers 500", () => answer(500));
    if (this.slownessMs > 0) await this.#world.sleep(this.slownessMs);
    const fate = random.chance(this.lossRate) ? random.int(0, 2) : 3;
    if (fate === 0) return this.#world.op("request lost", () => fail("ECONNRESET"));
    if (fate === 1) return this.#world.op("request hangs", () => fail("timeout"), TIMEOUT_MS);
    await this.#world.op(`Markov takes ${sending.headers["webhook-id"]}`, () => {
      this.arrivals.push({
        at: this.#world.now,
        eventId: sending.headers["webhook-id"] ?? "",
        subject,
        sequence,
      });
    });
    if (fate === 2) return this.#world.op("reply lost", () => fail("ECONNRESET"));
    return this.#world.op("reply", () => answer(200));
  };
}

const answer = (status: number) => ({ status, retryAfter: null, head: "", body: "" });
const fail = (code: string): never => {
  throw new Error(code);
};
