import { and, eq, isNull, lt } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Queue } from "../../platform/queue/index.ts";
import { Sweep } from "../../outbox/index.ts";
import { evidence } from "./evidence.sql.ts";

/** After this time the message of an examination is probably lost; a second message does no harm. */
const OVERDUE_SECONDS = 300;
const BATCH = 200;

/**
 * Enqueues the examination of this evidence's file.
 * @param delaySeconds after which the message can be received
 */
export async function enqueue(evidenceId: string, delaySeconds?: number): Promise<void> {
  await Queue.get().send("evidence", {
    body: Queue.toBody({ evidence_id: evidenceId, request_id: Actor.requestId() }),
    ...(delaySeconds === undefined ? {} : { delaySeconds }),
  });
  await Sweep.callFor("evidence");
}

/**
 * Enqueues examinations again whose messages a crash has lost. Called by the sweep.
 * @param overdueSeconds how long an examination may have been waiting
 * @returns how many were enqueued, and whether any examination is still waiting
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

export * as EvidenceQueue from "./queue.ts";
