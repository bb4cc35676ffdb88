import { and, asc, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import { Clock } from "../clock.ts";
import { Db } from "../db/index.ts";
import { Log } from "../log.ts";
import { Queue } from "../queue/index.ts";
import { eventSubjects, webhookEvents } from "./event.sql.ts";
import { lock } from "./lock.ts";
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
    // Weaker than "update": whoever writes a row that refers to the subject needs not wait.
    const held = await holding.for("no key update", options.skipBusy ? { skipLocked: true } : {});
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
        ...(event.redrives === 0 ? {} : { sent_again_at: Clock.now().toISOString() }),
        body: event.body,
      };
      // The queue drops a second message of one id for five minutes: what an operator sends again goes under another.
      const id = event.redrives === 0 ? event.id : `${event.id}-${event.redrives}`;
      await Queue.get().send("deliveries", { body: Queue.toBody(message), fifo: { group: subject, id } });
    }
    if (events.length > 0) {
      const ids = events.map((event) => event.id);
      await lock(inArray(webhookEvents.id, ids));
      await db.update(webhookEvents).set({ publishedAt: Clock.now() }).where(inArray(webhookEvents.id, ids));
    }
    return events.length;
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
      sent += await publish(subject, { skipBusy: true });
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
    const db = Db.use();
    // Waits for those who publish at this moment: what they have sent is as lost, and their note of it is not to be seen yet.
    await db.execute(sql`lock table ${eventSubjects} in exclusive mode`);
    const isOut = and(eq(webhookEvents.status, "pending"), isNotNull(webhookEvents.publishedAt));
    await lock(isOut);
    const rows = await db
      .update(webhookEvents)
      // SQS remembers for five minutes the ids of what it lost, and would drop the same ones.
      .set({ publishedAt: null, redrives: sql`${webhookEvents.redrives} + 1` })
      .where(isOut)
      .returning({ id: webhookEvents.id });
    return rows.length;
  });
}
