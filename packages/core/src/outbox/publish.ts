import { type SQL, and, asc, eq, getTableColumns, isNull, sql } from "drizzle-orm";
import { Clock } from "../platform/clock.ts";
import { Db, statement } from "../platform/db/index.ts";
import { Log } from "../platform/log.ts";
import { Queue } from "../platform/queue/index.ts";
import { webhookEvents } from "./event.sql.ts";
import type { DeliveryMessage } from "./message.ts";

/** Maximum number of subjects that one sweep publishes. If more are left, another sweep follows. */
const SWEEP_BATCH = 200;

/**
 * Sends every committed, unpublished event of `subject` to the queue, in order, without a lock. Two concurrent publishers cannot reorder
 * events: each publisher sends an event only after it has sent all earlier events or seen them published. (Sequence order is commit order,
 * so a publisher that sees an event sees all earlier ones.) Two publishers, or a crash, can cause duplicates. For five minutes the queue
 * drops them by their deduplication id; later Markov drops them by `event_id`.
 * @returns the number of events sent
 */
export async function publish(subject: string): Promise<number> {
  const events = await Db.use()
    .select(COLUMNS)
    .from(webhookEvents)
    .where(and(eq(webhookEvents.subject, subject), isNull(webhookEvents.publishedAt)))
    .orderBy(asc(webhookEvents.sequence));
  return sendAndMark(events);
}

/**
 * Publishes the events of `subject` that an act of this process has just committed. If the first of them is also the
 * first event of its subject, no earlier event can be unpublished, so the database need not be read.
 * @param events all events of the subject in this act, in order
 */
export async function publishCommitted(subject: string, events: readonly UnpublishedEvent[]): Promise<number> {
  return events[0]?.sequence === 1 ? sendAndMark(events) : publish(subject);
}

const { id, sequence, requestId, createdAt, redrives, body } = getTableColumns(webhookEvents);
const COLUMNS = { id, subject: webhookEvents.subject, sequence, requestId, createdAt, redrives, body };
export type UnpublishedEvent = Pick<typeof webhookEvents.$inferSelect, keyof typeof COLUMNS>;

async function sendAndMark(events: readonly UnpublishedEvent[]): Promise<number> {
  for (const event of events) {
    const message: DeliveryMessage = {
      event_id: event.id,
      subject: event.subject,
      sequence: event.sequence,
      request_id: event.requestId,
      created_at: event.createdAt.toISOString(),
      ...(event.redrives === 0 ? {} : { sent_again_at: Clock.now().toISOString() }),
      body: event.body,
    };
    // The queue drops a second message with the same deduplication id for five minutes, so an event that is sent again needs a new id.
    const id = event.redrives === 0 ? event.id : `${event.id}-${event.redrives}`;
    await Queue.get().send("deliveries", { body: Queue.toBody(message), fifo: { group: event.subject, id } });
  }
  if (events.length > 0) await markPublished(events);
  return events.length;
}

/**
 * Marks only the events that were really sent: an event that {@link forgetPublications} reset in the meantime has a higher `redrives` and
 * stays unpublished. A single statement, which locks the rows in id order, as {@link lockEvents} does.
 */
const mark = statement(
  () => sql`
    with sent as (select * from unnest(${sql.placeholder("ids")}::text[], ${sql.placeholder("redrives")}::int[]) as each (id, redrives)),
      locked as (
        select ${webhookEvents.id} from ${webhookEvents}
        where ${webhookEvents.id} = any(${sql.placeholder("ids")}::text[]) order by ${webhookEvents.id} for update)
    update ${webhookEvents} set published_at = ${sql.placeholder("now")}::timestamptz
    from sent, locked
    where ${webhookEvents.id} = locked.id and sent.id = locked.id and ${webhookEvents.redrives} = sent.redrives`,
);

async function markPublished(events: readonly UnpublishedEvent[]): Promise<void> {
  // Builds array literals without quotes: ids and numbers contain no characters that need them.
  await mark({
    ids: `{${events.map((event) => event.id).join(",")}}`,
    redrives: `{${events.map((event) => event.redrives).join(",")}}`,
    now: Clock.now().toISOString(),
  });
}

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

export * as Outbox from "./publish.ts";
