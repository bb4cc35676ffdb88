import { and, asc, eq, inArray, ne, sql } from "drizzle-orm";
import { Db } from "../db/index.ts";
import { Id } from "../id.ts";
import { webhookAttempts, webhookEvents, webhookFailures } from "./event.sql.ts";
import type { Outcome } from "./message.ts";

/**
 * Writes the outcomes of attempts, all in one transaction. A doubled report is recorded once, by its attempt id; a late one never
 * takes back a delivery; one of an event that is gone is dropped.
 * @returns how many were new
 */
export async function recordOutcomes(outcomes: readonly Outcome[]): Promise<number> {
  if (outcomes.length === 0) return 0;
  return Db.transaction(async () => {
    const fresh = await insertAttempts(outcomes);
    for (const [eventId, own] of Map.groupBy(fresh, (outcome) => outcome.event_id)) {
      const { attempts } = webhookEvents;
      await Db.use()
        .update(webhookEvents)
        .set({ attempts: sql`${attempts} + ${own.length}` })
        .where(eq(webhookEvents.id, eventId));
      const delivered = own.find((outcome) => outcome.result === "delivered");
      const dead = own.find((outcome) => outcome.result === "dead");
      if (delivered) await deliver(eventId, new Date(delivered.attempted_at));
      else if (dead) await bury(dead);
    }
    return fresh.length;
  });
}

async function insertAttempts(outcomes: readonly Outcome[]): Promise<Outcome[]> {
  // Locked in one order everywhere, so that two recorders cannot wait for each other.
  const known = await Db.use()
    .select({ id: webhookEvents.id })
    .from(webhookEvents)
    .where(inArray(webhookEvents.id, [...new Set(outcomes.map((outcome) => outcome.event_id))]))
    .orderBy(asc(webhookEvents.id))
    .for("update");
  const ids = new Set(known.map((event) => event.id));
  const recordable = outcomes.filter((outcome) => ids.has(outcome.event_id));
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

async function deliver(eventId: string, deliveredAt: Date): Promise<void> {
  await Db.use()
    .update(webhookEvents)
    .set({ status: "delivered", deliveredAt })
    .where(and(eq(webhookEvents.id, eventId), ne(webhookEvents.status, "delivered")));
}

async function bury(outcome: Outcome): Promise<void> {
  const buried = await Db.use()
    .update(webhookEvents)
    .set({ status: "dead" })
    .where(and(eq(webhookEvents.id, outcome.event_id), eq(webhookEvents.status, "pending")))
    .returning({ id: webhookEvents.id });
  if (buried.length === 0) return;
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
}
