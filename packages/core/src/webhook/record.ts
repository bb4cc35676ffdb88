import { and, eq, inArray, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { Db } from "../platform/db/index.ts";
import { ATTEMPTS_BEFORE_DEAD, verdictOn } from "./schedule.ts";
import { Id } from "../platform/id.ts";
import { webhookAttempts, webhookEvents, webhookFailures } from "../outbox/event.sql.ts";
import { type Outcome, Sweep, lockEvents } from "../outbox/index.ts";

/**
 * Delay of the sweep that republishes an event which a sender dead-lettered too early. Longer than the transaction that
 * records the outcome can take.
 */
const SENT_AGAIN_AFTER_SECONDS = 300;

/**
 * Records the outcomes of attempts in one transaction. A duplicate outcome is recorded once, by its attempt id; a late outcome never reverts
 * a delivery; an outcome of an event that no longer exists is dropped.
 * @returns the number of new outcomes
 */
export async function recordOutcomes(outcomes: readonly Outcome[]): Promise<number> {
  if (outcomes.length === 0) return 0;
  // Sends the sweep before any lock or write: if an event is republished below and this process crashes after the
  // commit, the sweep publishes the event.
  if (outcomes.some(isOutOfTime)) await Sweep.send(SENT_AGAIN_AFTER_SECONDS);
  return Db.transaction(async () => {
    const ids = [...new Set(outcomes.map((outcome) => outcome.event_id))];
    const before = new Map(
      (await lockEvents(inArray(webhookEvents.id, ids))).map(({ id, attempts }) => [id, attempts]),
    );
    const fresh = await insertAttempts(outcomes.filter((outcome) => before.has(outcome.event_id)));
    for (const [eventId, own] of Map.groupBy(fresh, (outcome) => outcome.event_id)) {
      const delivered = own.find((outcome) => outcome.result === "delivered");
      const dead = own.find((outcome) => outcome.result === "dead");
      const attempts = (before.get(eventId) ?? 0) + own.length;
      const end = dead && isOutOfTime(dead) && attempts < ATTEMPTS_BEFORE_DEAD ? republish : markDead;
      if (delivered) await markDelivered(eventId, attempts, new Date(delivered.attempted_at));
      else if (!dead || !(await end(dead, attempts))) await setAttempts(eventId, attempts);
    }
    return fresh.length;
  });
}

/** Whether the event is dead because its 72 hours of retries are over, and not because Markov refused it. */
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
  return recordable.filter((outcome) => fresh.delete(outcome.attempt_id)); // two outcomes with the same id in a batch count once
}

// One update for each event. A second update of the row in one transaction makes PostgreSQL check its foreign keys
// again; that check waits for a publisher that has locked the subject and itself waits for the event: a deadlock.

async function setAttempts(eventId: string, attempts: number): Promise<void> {
  await Db.use().update(webhookEvents).set({ attempts }).where(eq(webhookEvents.id, eventId));
}

async function markDelivered(eventId: string, attempts: number, deliveredAt: Date): Promise<void> {
  const first = sql`coalesce(${webhookEvents.deliveredAt}, ${deliveredAt.toISOString()}::timestamptz)`;
  await Db.use()
    .update(webhookEvents)
    .set({ attempts, status: "delivered", deliveredAt: first })
    .where(eq(webhookEvents.id, eventId));
}

/**
 * Leaves the event pending, so that the sweep publishes it again. The sender counted receives, which can exceed the
 * recorded attempts: the event has not had its 12 attempts yet.
 * @returns false when the event is already delivered or dead; then nothing is changed
 */
function republish({ event_id }: Outcome, attempts: number): Promise<boolean> {
  return changePending(event_id, { attempts, publishedAt: null });
}

/**
 * Marks the event dead and stores the failure.
 * @returns false when the event is already delivered or dead; then nothing is changed
 */
async function markDead(outcome: Outcome, attempts: number): Promise<boolean> {
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
