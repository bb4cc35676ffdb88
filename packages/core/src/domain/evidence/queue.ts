import { and, eq, isNull, lt } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Queue } from "../../platform/queue/index.ts";
import { evidence } from "./evidence.sql.ts";

/** An examination that has not ended after this long has lost its message, or will not mind a second one. */
const OVERDUE_SECONDS = 300;
const BATCH = 200;

/** Asks a worker to examine the file of this evidence. */
export async function enqueue(evidenceId: string): Promise<void> {
  await Queue.get().send("evidence", {
    body: Queue.toBody({ evidence_id: evidenceId, request_id: Actor.requestId() }),
  });
}

/**
 * Asks again for examinations that a crash has lost. Called by the sweep.
 * @param overdueSeconds how long an examination may have been waiting
 * @returns how many were asked for, and whether any is still waiting
 */
export async function enqueueOverdue(
  overdueSeconds: number = OVERDUE_SECONDS,
): Promise<{ sent: number; more: boolean }> {
  const now = Clock.now();
  const db = Db.use();
  const waiting = await db
    .select({ id: evidence.id, updatedAt: evidence.updatedAt })
    .from(evidence)
    .where(and(eq(evidence.status, "examining"), isNull(evidence.hiddenAt)))
    .orderBy(evidence.updatedAt)
    .limit(BATCH);
  const limit = new Date(now.getTime() - overdueSeconds * 1000);
  const overdue = waiting.filter((row) => row.updatedAt <= limit);
  for (const { id } of overdue) {
    await enqueue(id);
    await db
      .update(evidence)
      .set({ updatedAt: now })
      .where(and(eq(evidence.id, id), lt(evidence.updatedAt, now)));
  }
  return { sent: overdue.length, more: waiting.length > 0 };
}
