import type { Outcome } from "@gotong/core/outbox/index.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { type Incoming, Queue, type QueueName, type Transport } from "@gotong/core/platform/queue/index.ts";

/** Receives and removes all messages of a queue that are visible now. */
export async function drain(queue: QueueName): Promise<Incoming[]> {
  const all: Incoming[] = [];
  for (;;) {
    const messages = await Queue.get().receive(queue, 0);
    if (messages.length === 0) return all;
    for (const message of messages) await Queue.get().remove(queue, message);
    all.push(...messages);
  }
}

/** The outcome message of one delivery attempt. */
export const outcomeOf = (eventId: string, result: Outcome["result"], status: number | null): Outcome => ({
  attempt_id: Id.uuid(),
  event_id: eventId,
  result,
  attempted_at: new Date().toISOString(),
  latency_ms: 5,
  status,
  error: null,
  response_head: "",
});

const unused = () => Promise.reject(new Error("not used here"));
/** A transport that accepts every message and returns none. */
export const bottomless: Transport = {
  send: () => Promise.resolve(),
  receive: unused,
  remove: unused,
  hide: unused,
  ping: unused,
};
