import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import { Clock } from "../platform/clock.ts";
import { Db } from "../platform/db/index.ts";
import { Log } from "../platform/log.ts";
import { Queue } from "../platform/queue/index.ts";
import { webhookEvents } from "./event.sql.ts";
import { lock } from "./lock.ts";
import type { Delivery } from "./message.ts";

/** How many subjects one sweep publishes before it arms the next one. */
const SWEEP_BATCH = 200;

/**
 * Sends every committed, unpublished event of `subject` to the queue, in order, and holds nothing meanwhile. Two publishers at once
 * cannot put two events in the wrong order: each sends an event only after it has sent all before it, or has seen that they were sent
 * (who sees an event sees all before it, as numbers follow commits). What both send, or is sent again after a crash, the queue drops
 * by its id for five minutes, and the receiver by `event_id`.
 * @returns how many were sent
 */
export async function publish(subject: string): Promise<number> {
  const events = await Db.use()
    .select()
    .from(webhookEvents)
    .where(and(eq(webhookEvents.subject, subject), isNull(webhookEvents.publishedAt)))
    .orderBy(asc(webhookEvents.sequence));
  for (const event of events) {
    const message: Delivery = {
      event_id: event.id,
      subject: event.subject,
      sequence: event.sequence,
      request_id: event.requestId,
      created_at: event.createdAt.toISOString(),
      ...(event.redrives === 0 ? {} : { sent_again_at: Clock.now().toISOString() }),
      body: event.body,
    };
    // The queue drops a second message of one id for five minutes: what an operator sends again goes under another.
    const id = event.redrives === 0 ? event.id : `${event.id}-${event.redrives}`;
    await Queue.get().send("deliveries", { body: Queue.toBody(message), fifo: { group: subject, id } });
  }
  if (events.length > 0) await markPublished(events);
  return events.length;
}

/** What was sent again meanwhile ({@link forgetPublications}) is not published by what went before it. */
async function markPublished(events: readonly (typeof webhookEvents.$inferSelect)[]): Promise<void> {
  await Db.transaction(async () => {
    const ids = events.map((event) => event.id);
    await lock(inArray(webhookEvents.id, ids));
    for (const [redrives, of] of Map.groupBy(events, (event) => event.redrives)) {
      const sent = inArray(
        webhookEvents.id,
        of.map((event) => event.id),
      );
      await Db.use()
        .update(webhookEvents)
        .set({ publishedAt: Clock.now() })
        .where(and(sent, eq(webhookEvents.redrives, redrives)));
    }
  });
}

/**
 * Publishes what crashes left behind, a bounded number of subjects.
 * @returns how many events were sent, of how many subjects that failed, and whether something may be left
 */
export async function publishLeftovers(): Promise<{ sent: number; failed: number; more: boolean }> {
  const waiting = await Db.use()
    .selectDistinct({ subject: webhookEvents.subject })
    .from(webhookEvents)
    .where(isNull(webhookEvents.publishedAt))
    .limit(SWEEP_BATCH);
  let [sent, failed] = [0, 0];
  for (const { subject } of waiting) {
    try {
      sent += await publish(subject);
    } catch (error) {
      failed += 1; // the others do not wait for it
      Log.error("a subject could not be published", error, { subject });
    }
  }
  const [left] = await Db.use()
    .select({ id: webhookEvents.id })
    .from(webhookEvents)
    .where(isNull(webhookEvents.publishedAt))
    .limit(1);
  return { sent, failed, more: left !== undefined };
}

/**
 * Marks every undelivered event as unpublished, so that the next sweep sends it again. For queues that lost their
 * messages: the embedded ones after a stop, or a restore. Run it while those queues take nothing yet: what was published to
 * the new ones before it would overtake what the old ones lost.
 * @returns how many events
 */
export async function forgetPublications(): Promise<number> {
  return Db.transaction(async () => {
    // Those that are not published yet as well: who publishes at this moment has sent them to where they are lost, and must not note
    // that they were sent.
    const isPending = eq(webhookEvents.status, "pending");
    await lock(isPending);
    const rows = await Db.use()
      .update(webhookEvents)
      // SQS remembers for five minutes the ids of what it lost, and would drop the same ones.
      .set({ publishedAt: null, redrives: sql`${webhookEvents.redrives} + 1` })
      .where(isPending)
      .returning({ id: webhookEvents.id });
    return rows.length;
  });
}
