import { and, eq } from "drizzle-orm";
import * as v from "valibot";
import { Clock } from "../platform/clock.ts";
import { Db } from "../platform/db/index.ts";
import { Id } from "../platform/id.ts";
import { type Incoming, Queue } from "../platform/queue/index.ts";
import { webhookEvents, webhookFailures } from "../outbox/event.sql.ts";
import { DeadLetter, DeliveryMessage, Outcome } from "../outbox/index.ts";
import { recordOutcomes } from "./record.ts";

/**
 * Moves the messages of both dead-letter queues into `webhook_failures`, so that operators find all failures in one place.
 * @param limit the number of messages after which no further batch is received
 * @returns the number of messages moved
 */
export async function collect(limit = 200): Promise<number> {
  let collected = 0;
  for (const queue of ["dead", "dead_deliveries"] as const) {
    while (collected < limit) {
      const messages = await Queue.get().receive(queue, 0);
      if (messages.length === 0) break;
      for (const message of messages) {
        await store(queue, message);
        await Queue.get().remove(queue, message);
        collected += 1;
      }
    }
  }
  return collected;
}

async function store(queue: "dead" | "dead_deliveries", message: Incoming): Promise<void> {
  // The dead letter may be the outcome of an attempt. It is still valid, so it is recorded like any other outcome.
  const outcome = v.safeParse(v.pipe(v.string(), v.parseJson(), Outcome), message.body);
  if (outcome.success) await recordOutcomes([outcome.output]);
  else await Db.transaction(() => storeFailure(queue, message));
}

async function storeFailure(queue: "dead" | "dead_deliveries", message: Incoming): Promise<void> {
  const db = Db.use();
  const wrapped = v.safeParse(v.pipe(v.string(), v.parseJson(), DeadLetter), message.body);
  const event = v.safeParse(v.pipe(v.string(), v.parseJson(), DeliveryMessage), message.body);
  const failure = {
    id: Id.uuid(),
    messageId: message.messageId, // unique: a message that was stored but not removed from the queue is stored once
    reason: wrapped.success ? wrapped.output.reason : "exceeded its receive limit",
    queue: wrapped.success ? wrapped.output.queue : queue,
    body: wrapped.success ? wrapped.output.body : message.body,
    failedAt: Clock.now(),
  };
  if (event.success) {
    const [changed] = await db
      .update(webhookEvents)
      .set({ status: "dead" })
      .where(and(eq(webhookEvents.id, event.output.event_id), eq(webhookEvents.status, "pending")))
      .returning({ id: webhookEvents.id });
    if (!changed) return; // delivered or marked dead in the meantime
    await db
      .insert(webhookFailures)
      .values({ ...failure, eventId: changed.id })
      .onConflictDoNothing();
  } else await db.insert(webhookFailures).values(failure).onConflictDoNothing();
}

export * as DeadLetters from "./dead-letters.ts";
