import { and, eq, inArray, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { Db } from "../platform/db/index.ts";
import { ATTEMPTS_BEFORE_GIVING_UP, verdictOn } from "./schedule.ts";
import { Id } from "../platform/id.ts";
import { webhookAttempts, webhookEvents, webhookFailures } from "../outbox/event.sql.ts";
import { lock } from "../outbox/lock.ts";
import type { Outcome } from "../outbox/message.ts";
import { Sweep } from "../outbox/sweep.ts";

/** Until a sweep sends again what a sender gave up too early: longer than any function that records may take to commit. */
const SENT_AGAIN_AFTER_SECONDS = 300;

/**
 * Writes the outcomes of attempts, all in one transaction. A doubled report is recorded once, by its attempt id; a late one never
 * takes back a delivery; one of an event that is gone is dropped.
 * @returns how many were new
 */
export async function recordOutcomes(outcomes: readonly Outcome[]): Promise<number> {
  if (outcomes.length === 0) return 0;
  // Before anything is held or written: should one of them go on, it is found whatever happens after the commit.
  if (outcomes.some(isOutOfTime)) await Sweep.send(SENT_AGAIN_AFTER_SECONDS);
  return Db.transaction(async () => {
    const ids = [...new Set(outcomes.map((outcome) => outcome.event_id))];
    const before = new Map((await lock(inArray(webhookEvents.id, ids))).map(({ id, attempts }) => [id, attempts]));
    const fresh = await insertAttempts(outcomes.filter((outcome) => before.has(outcome.event_id)));
    for (const [eventId, own] of Map.groupBy(fresh, (outcome) => outcome.event_id)) {
      const delivered = own.find((outcome) => outcome.result === "delivered");
      const dead = own.find((outcome) => outcome.result === "dead");
      const attempts = (before.get(eventId) ?? 0) + own.length;
      const end = dead && isOutOfTime(dead) && attempts < ATTEMPTS_BEFORE_GIVING_UP ? goOn : bury;
      if (delivered) await deliver(eventId, attempts, new Date(delivered.attempted_at));
      else if (!dead || !(await end(dead, attempts))) await count(eventId, attempts);
    }
    return fresh.length;
  });
}

/** Whether a sender gave the event up because its time was over, and not because Markov refused it. */
export const isOutOfTime = ({ result, status }: Outcome) => result === "dead" && verdictOn(status) !== "refused";

async function insertAttempts(recordable: readonly Outcome[]): Promise<Outcome[]> {
  if (recordable.length === 0) return [];
  const inserted = await Db.use()
    .insert(webhookAttempts)
    .values(
      recordable.map((outcome) => ({
        id: outcome.attempt_id,
        eventId: outcome.event_id,
        attemptedAt: new Date(outcome.attempted_at),
        latencyMs: outcome.latency_ms,
        status: outcome.status,
        error: outcome.error,
        responseHead: outcome.response_head,
      })),
    )
    .onConflictDoNothing()
    .returning({ id: webhookAttempts.id });
  const fresh = new Set(inserted.map((attempt) => attempt.id));
  return recordable.filter((outcome) => fresh.delete(outcome.attempt_id)); // two of one id in a batch count once
}

// One update for each event: at the second of one transaction PostgreSQL checks the foreign keys again, and that waits for the
// publisher who holds the subject, who in turn waits for the event.

async function count(eventId: string, attempts: number): Promise<void> {
  await Db.use().update(webhookEvents).set({ attempts }).where(eq(webhookEvents.id, eventId));
}

async function deliver(eventId: string, attempts: number, deliveredAt: Date): Promise<void> {
  const first = sql`coalesce(${webhookEvents.deliveredAt}, ${deliveredAt.toISOString()}::timestamptz)`;
  await Db.use()
    .update(webhookEvents)
    .set({ attempts, status: "delivered", deliveredAt: first })
    .where(eq(webhookEvents.id, eventId));
}

/**
 * A sender counts what the queue tells it, which may be more than the attempts. What was not attempted often enough to tell is
 * published again by the sweep. @returns false when the event was delivered or buried before; then nothing is changed
 */
function goOn({ event_id }: Outcome, attempts: number): Promise<boolean> {
  return changePending(event_id, { attempts, publishedAt: null });
}

/** @returns false when the event was delivered or buried before; then nothing is changed */
async function bury(outcome: Outcome, attempts: number): Promise<boolean> {
  if (!(await changePending(outcome.event_id, { attempts, status: "dead" }))) return false;
  await Db.use()
    .insert(webhookFailures)
    .values({
      id: Id.uuid(),
      eventId: outcome.event_id,
      reason: outcome.status === null ? (outcome.error ?? "no answer") : `status ${outcome.status}`,
      status: outcome.status,
      responseHead: outcome.response_head,
      failedAt: new Date(outcome.attempted_at),
    });
  return true;
}

async function changePending(eventId: string, values: PgUpdateSetSource<typeof webhookEvents>): Promise<boolean> {
  const changed = await Db.use()
    .update(webhookEvents)
    .set(values)
    .where(and(eq(webhookEvents.id, eventId), eq(webhookEvents.status, "pending")))
    .returning({ id: webhookEvents.id });
  return changed.length > 0;
}
