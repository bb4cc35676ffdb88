import { and, eq } from "drizzle-orm";
import * as v from "valibot";
import { Clock } from "../platform/clock.ts";
import { Db } from "../platform/db/index.ts";
import { Id } from "../platform/id.ts";
import { type Incoming, Queue } from "../platform/queue/index.ts";
import { webhookEvents, webhookFailures } from "../outbox/event.sql.ts";
import { DeadLetter, Delivery, Outcome } from "../outbox/message.ts";
import { recordOutcomes } from "./record.ts";

/**
 * Moves the messages of both dead-letter queues into `webhook_failures`, so that operators find all failures in one
 * place.
 * @param limit the number of messages after which no further batch is received
 * @returns how many messages were moved
 */
export async function collect(limit = 200): Promise<number> {
  let collected = 0;
  for (const queue of ["dead", "dead_deliveries"] as const) {
    while (collected < limit) {
      const letters = await Queue.get().receive(queue, 0);
      if (letters.length === 0) break;
      for (const letter of letters) {
        await keep(queue, letter);
        await Queue.get().remove(queue, letter);
        collected += 1;
      }
    }
  }
  return collected;
}

async function keep(queue: "dead" | "dead_deliveries", letter: Incoming): Promise<void> {
  // A late report of an attempt is still valid: record it like any other.
  const report = v.safeParse(v.pipe(v.string(), v.parseJson(), Outcome), letter.body);
  if (report.success) await recordOutcomes([report.output]);
  else await Db.transaction(() => keepFailure(queue, letter));
}

async function keepFailure(queue: "dead" | "dead_deliveries", letter: Incoming): Promise<void> {
  const db = Db.use();
  const wrapped = v.safeParse(v.pipe(v.string(), v.parseJson(), DeadLetter), letter.body);
  const delivery = v.safeParse(v.pipe(v.string(), v.parseJson(), Delivery), letter.body);
  const failure = {
    id: Id.uuid(),
    letterId: letter.messageId, // unique: a message that was stored but not removed from the queue is stored once
    reason: wrapped.success ? wrapped.output.reason : "received too often",
    queue: wrapped.success ? wrapped.output.queue : queue,
    body: wrapped.success ? wrapped.output.body : letter.body,
    failedAt: Clock.now(),
  };
  if (delivery.success) {
    const [event] = await db
      .update(webhookEvents)
      .set({ status: "dead" })
      .where(and(eq(webhookEvents.id, delivery.output.event_id), eq(webhookEvents.status, "pending")))
      .returning({ id: webhookEvents.id });
    if (!event) return; // delivered or marked dead in the meantime
    await db
      .insert(webhookFailures)
      .values({ ...failure, eventId: event.id })
      .onConflictDoNothing();
  } else await db.insert(webhookFailures).values(failure).onConflictDoNothing();
}

export * as DeadLetters from "./dead-letters.ts";
