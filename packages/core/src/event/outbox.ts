import { and, asc, eq, inArray, isNull, lt, sql } from "drizzle-orm";
import { Clock } from "../clock.ts";
import { Db } from "../db/index.ts";
import { Queue } from "../queue/index.ts";
import { eventSubjects, webhookEvents } from "./event.sql.ts";
import type { Delivery } from "./message.ts";

/** How many subjects one sweep publishes before it arms the next one. */
const SWEEP_BATCH = 200;

/**
 * Sends every committed, unpublished event of `subject` to the queue, in order. Holds the subject meanwhile, so that two
 * publishers cannot overtake each other; a crash in between sends some again, which the receiver drops by `event_id`.
 * @param options.skipBusy leaves the subject alone when an act or another publisher holds it
 * @returns how many were sent
 */
export async function publish(subject: string, options: { skipBusy?: boolean } = {}): Promise<number> {
  return Db.transaction(async () => {
    const db = Db.use();
    const holding = db
      .select({ subject: eventSubjects.subject })
      .from(eventSubjects)
      .where(eq(eventSubjects.subject, subject));
    const held = await (options.skipBusy ? holding.for("update", { skipLocked: true }) : holding.for("update"));
    if (held.length === 0) return 0;
    const events = await db
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
        body: event.body,
      };
      // The queue drops a second message of one id for five minutes: what an operator sends again goes under another.
      const id = event.redrives === 0 ? event.id : `${event.id}-${event.redrives}`;
      await Queue.get().send("deliveries", { body: JSON.stringify(message), fifo: { group: subject, id } });
    }
    if (events.length > 0) {
      const ids = events.map((event) => event.id);
      await db.update(webhookEvents).set({ publishedAt: Clock.now() }).where(inArray(webhookEvents.id, ids));
    }
    return events.length;
  });
}

/**
 * Publishes what crashes left behind, a bounded number of subjects.
 * @returns how many events were sent, and whether something may be left
 */
export async function publishLeftovers(): Promise<{ sent: number; more: boolean }> {
  const waiting = await Db.use()
    .selectDistinct({ subject: webhookEvents.subject })
    .from(webhookEvents)
    .where(isNull(webhookEvents.publishedAt))
    .limit(SWEEP_BATCH);
  let sent = 0;
  for (const { subject } of waiting) sent += await publish(subject, { skipBusy: true });
  const [left] = await Db.use()
    .select({ id: webhookEvents.id })
    .from(webhookEvents)
    .where(isNull(webhookEvents.publishedAt))
    .limit(1);
  return { sent, more: left !== undefined };
}

/**
 * Marks every undelivered event as unpublished, so that the next sweep sends it again. For queues that lost their
 * messages: the embedded ones after a stop, or a restore.
 * @returns how many events
 */
export async function forgetPublications(): Promise<number> {
  const rows = await Db.use()
    .update(webhookEvents)
    .set({ publishedAt: null })
    .where(and(eq(webhookEvents.status, "pending"), lt(webhookEvents.publishedAt, sql`now()`)))
    .returning({ id: webhookEvents.id });
  return rows.length;
}
