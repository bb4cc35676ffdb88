import {
  type Incoming,
  type Outgoing,
  QUEUES,
  type QueueName,
  type Transport,
  deadLetterQueueOf,
  factsOf,
  isFifo,
  visibilityTimeoutSeconds,
} from "@gotong/core/platform/queue/index.ts";
import type { Scheduler } from "./scheduler.ts";

interface Kept {
  readonly id: string;
  readonly body: string;
  readonly group: string | undefined;
  visibleAt: number;
  receives: number;
  receipt: string;
}

const DEDUPLICATION_MS = 5 * 60_000;
/** Visibility timeout of the dead-letter queues: SQS's default. */
const DEFAULT_VISIBILITY_SECONDS = 30;

/**
 * Simulates SQS with only the guarantees of its documentation. Standard queues deliver some messages twice and in any order. FIFO
 * queues keep the order of a group, deliver no message of a group while another is in flight, and drop a second message with the
 * same deduplication id for five minutes. The visibility timeout expires; calls are throttled; messages over the receive limit
 * move to the dead-letter queue.
 */
export class Queues implements Transport {
  /** The probability that a call is rejected, and that a standard queue delivers a message twice. */
  throttleRate = 0;
  duplicateRate = 0;
  /**
   * Whether groups of a FIFO queue are served in any order; otherwise the group with the oldest message is served
   * first.
   */
  isAnyGroupFirst = false;
  /**
   * Returns the additional delay in seconds of each copy of a message in a standard queue; an empty list for a lost
   * message. By default, chance decides whether there is a second copy. `sender` is the name of a process.
   */
  delaysOf: (queue: QueueName, body: string, sender: string) => readonly number[] = () =>
    this.#world.random.chance(this.duplicateRate) ? [0, 0] : [0];
  readonly #kept = new Map<QueueName, Kept[]>(QUEUES.map((queue) => [queue, []]));
  readonly #hidden = new Map<QueueName, Set<Kept>>(QUEUES.map((queue) => [queue, new Set()]));
  readonly #seen = new Map<string, number>();
  readonly #changed: () => void;
  readonly #world: Scheduler;
  #receipts = 0;

  /** @param changed called whenever a message may have become visible */
  constructor(world: Scheduler, changed: () => void) {
    this.#world = world;
    this.#changed = changed;
  }

  send(queue: QueueName, message: Outgoing): Promise<void> {
    const sender = this.#world.process().name;
    return this.#op(`send ${queue}`, () => {
      const now = this.#world.now;
      if (isFifo(queue)) {
        if (!message.fifo) throw new Error("a FIFO queue takes no message without a group");
        const key = `${queue} ${message.fifo.id}`;
        if (now - (this.#seen.get(key) ?? -Infinity) < DEDUPLICATION_MS) return;
        this.#seen.set(key, now);
      }
      if ((message.delaySeconds ?? 0) > 900) throw new Error("SQS delays no message longer than 15 minutes");
      for (const delay of isFifo(queue) ? [0] : this.delaysOf(queue, message.body, sender)) {
        const kept: Kept = {
          id: this.#world.random.hex(12),
          body: message.body,
          group: message.fifo?.group,
          visibleAt: now + ((message.delaySeconds ?? 0) + delay) * 1000,
          receives: 0,
          receipt: "",
        };
        this.#of(queue).push(kept);
        this.#world.after(kept.visibleAt - now, this.#changed);
      }
    });
  }

  receive(queue: QueueName, _waitSeconds: number, _signal?: AbortSignal, most = 10): Promise<Incoming[]> {
    return this.#op(`receive ${queue}`, () => this.take(queue, most));
  }

  remove(queue: QueueName, message: Incoming): Promise<void> {
    return this.#op(`remove ${queue}`, () => this.delete(queue, message));
  }

  hide(queue: QueueName, message: Incoming, seconds: number): Promise<void> {
    return this.#op(`hide ${queue}`, () => {
      if (seconds < 0 || seconds > 43_200) throw new Error("SQS hides no message longer than 12 hours");
      const kept = this.#find(queue, message);
      if (kept) this.#hideUntil(queue, kept, this.#world.now + seconds * 1000);
    });
  }

  async ping(): Promise<void> {
    await this.#op("ping", () => undefined);
  }

  /** Receives as a trigger does: at most `most` messages, without waiting. */
  take(queue: QueueName, most: number): Incoming[] {
    const now = this.#world.now;
    const blocked = this.#blocked(queue);
    const taken: Incoming[] = [];
    for (const kept of this.#inSomeOrder(queue)) {
      if (taken.length >= most) break;
      if (kept.visibleAt > now || (kept.group !== undefined && blocked.has(kept.group))) continue;
      if (this.#isDead(queue, kept)) continue;
      kept.receives += 1;
      kept.receipt = String((this.#receipts += 1));
      this.#hideUntil(queue, kept, now + visibilityMs(queue));
      taken.push({
        messageId: kept.id,
        body: kept.body,
        receiptHandle: kept.receipt,
        receiveCount: kept.receives,
        ...(kept.group === undefined ? {} : { group: kept.group }),
      });
    }
    return taken;
  }

  delete(queue: QueueName, message: Incoming): void {
    const kept = this.#find(queue, message);
    if (!kept) return;
    const all = this.#of(queue);
    all.splice(all.indexOf(kept), 1);
    this.#hidden.get(queue)?.delete(kept);
    this.#world.after(0, this.#changed);
  }

  hasVisible(queue: QueueName): boolean {
    const blocked = this.#blocked(queue);
    return this.#of(queue).some(
      (kept) => kept.visibleAt <= this.#world.now && (kept.group === undefined || !blocked.has(kept.group)),
    );
  }

  /** The groups with a message in flight. */
  #blocked(queue: QueueName): ReadonlySet<string> {
    const hidden = this.#hidden.get(queue);
    const blocked = new Set<string>();
    for (const kept of hidden ?? []) {
      if (kept.visibleAt <= this.#world.now) hidden?.delete(kept);
      else if (kept.group !== undefined) blocked.add(kept.group);
    }
    return blocked;
  }

  #inSomeOrder(queue: QueueName): readonly Kept[] {
    const kept = this.#of(queue);
    if (!isFifo(queue)) return this.#shuffled(kept);
    if (!this.isAnyGroupFirst) return kept.slice();
    const groups = Map.groupBy(kept, ({ group }) => group);
    return this.#shuffled([...groups.values()]).flat();
  }

  bodies(queue: QueueName): string[] {
    return this.#of(queue).map((kept) => kept.body);
  }

  #isDead(queue: QueueName, kept: Kept): boolean {
    if (queue === "dead" || queue === "dead_deliveries" || kept.receives < factsOf(queue).receives) return false;
    const all = this.#of(queue);
    all.splice(all.indexOf(kept), 1);
    this.#of(deadLetterQueueOf(queue)).push({ ...kept, receives: 0 });
    return true;
  }

  #hideUntil(queue: QueueName, kept: Kept, at: number): void {
    kept.visibleAt = at;
    this.#hidden.get(queue)?.add(kept);
    this.#world.after(at - this.#world.now, this.#changed);
  }

  #find(queue: QueueName, message: Incoming): Kept | undefined {
    return this.#of(queue).find((kept) => kept.receipt === message.receiptHandle);
  }

  #of(queue: QueueName): Kept[] {
    const kept = this.#kept.get(queue);
    if (!kept) throw new Error(`there is no queue ${queue}`);
    return kept;
  }

  #shuffled<T>(things: readonly T[]): T[] {
    return things
      .map((thing) => ({ thing, order: this.#world.random.next() }))
      .toSorted((a, b) => a.order - b.order)
      .map(({ thing }) => thing);
  }

  #op<T>(label: string, work: () => T): Promise<T> {
    return this.#world.op(label, () => {
      if (this.#world.random.chance(this.throttleRate)) throw new Error("throttled");
      return work();
    });
  }
}

const visibilityMs = (queue: QueueName) =>
  1000 *
  (queue === "dead" || queue === "dead_deliveries" ? DEFAULT_VISIBILITY_SECONDS : visibilityTimeoutSeconds(queue));
