import { and, eq, ne, sql } from "drizzle-orm";
import { Db } from "../db/index.ts";
import { Id } from "../id.ts";
import { webhookAttempts, webhookEvents, webhookFailures } from "./event.sql.ts";
import type { Outcome } from "./message.ts";

/**
 * Writes the outcome of one attempt. A doubled report is recorded once, by its attempt id; a late one never takes back a delivery.
 * @returns false when the attempt was known already, or its event is gone
 */
export async function recordOutcome(outcome: Outcome): Promise<boolean> {
  return Db.transaction(async () => {
    const db = Db.use();
    const attemptedAt = new Date(outcome.attempted_at);
    const [event] = await db
      .select({ id: webhookEvents.id })
      .from(webhookEvents)
      .where(eq(webhookEvents.id, outcome.event_id))
      .for("update");
    if (!event) return false;
    const fresh = await db
      .insert(webhookAttempts)
      .values({
        id: outcome.attempt_id,
        eventId: outcome.event_id,
        attemptedAt,
        latencyMs: outcome.latency_ms,
        status: outcome.status,
        error: outcome.error,
        responseHead: outcome.response_head,
      })
      .onConflictDoNothing()
      .returning({ id: webhookAttempts.id });
    if (fresh.length === 0) return false;
    const attempts = sql`${webhookEvents.attempts} + 1`;
    const where = and(eq(webhookEvents.id, outcome.event_id), ne(webhookEvents.status, "delivered"));
    if (outcome.result === "delivered")
      await db.update(webhookEvents).set({ status: "delivered", deliveredAt: attemptedAt, attempts }).where(where);
    else if (outcome.result === "retrying") await db.update(webhookEvents).set({ attempts }).where(where);
    else await bury(outcome, attemptedAt, attempts, where);
    return true;
  });
}

async function bury(
  outcome: Outcome,
  failedAt: Date,
  attempts: ReturnType<typeof sql>,
  where: ReturnType<typeof and>,
): Promise<void> {
  const buried = await Db.use()
    .update(webhookEvents)
    .set({ status: "dead", attempts })
    .where(where)
    .returning({ id: webhookEvents.id });
  if (buried.length === 0) return;
  const reason = outcome.status === null ? (outcome.error ?? "no answer") : `status ${outcome.status}`;
  await Db.use().insert(webhookFailures).values({
    id: Id.uuid(),
    eventId: outcome.event_id,
    reason,
    status: outcome.status,
    responseHead: outcome.response_head,
    failedAt,
  });
}
