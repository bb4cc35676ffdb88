import { type SQL, asc, eq, isNull, sql } from "drizzle-orm";
import { Db } from "../platform/db/index.ts";
import { Log } from "../platform/log.ts";
import { webhookEvents } from "./event.sql.ts";
import { publish } from "./event.ts";

/** Maximum number of subjects that one sweep publishes. If more are left, another sweep follows. */
const SWEEP_BATCH = 200;

/**
 * Publishes events that crashes left unpublished, for at most {@link SWEEP_BATCH} subjects.
 * @returns the number of events sent, the number of subjects that failed, and whether unpublished events may remain
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
      failed += 1; // one failing subject must not stop the others
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
 * Marks every undelivered event as unpublished, so that the next sweep sends it again. For use after queues have lost their messages: the
 * embedded queues after a stop, or any queue after a database restore. Must run before the new queues accept messages; otherwise later
 * events would overtake the lost ones.
 * @returns the number of events marked
 */
export async function forgetPublications(): Promise<number> {
  return Db.transaction(async () => {
    // Includes unpublished events: a concurrent publisher may just have sent them to the lost queue and must not mark them as published.
    const isPending = eq(webhookEvents.status, "pending");
    await lockEvents(isPending);
    const rows = await Db.use()
      .update(webhookEvents)
      // SQS remembers the ids of lost messages for five minutes and would drop the same ids: `redrives` changes them.
      .set({ publishedAt: null, redrives: sql`${webhookEvents.redrives} + 1` })
      .where(isPending)
      .returning({ id: webhookEvents.id });
    return rows.length;
  });
}

/**
 * Locks events in id order, so that recorders, publishers and operators cannot deadlock.
 * @returns the events found
 */
export function lockEvents(which: SQL | undefined): Promise<{ id: string; attempts: number }[]> {
  return Db.use()
    .select({ id: webhookEvents.id, attempts: webhookEvents.attempts })
    .from(webhookEvents)
    .where(which)
    .orderBy(asc(webhookEvents.id))
    .for("update")
    .execute();
}

export * as Leftovers from "./leftovers.ts";
