import { and, eq, isNull, lt } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Queue } from "../../platform/queue/index.ts";
import { Sweep } from "../../outbox/index.ts";
import { evidence } from "./evidence.sql.ts";

/** Time after which the message of an examination is probably lost; a second message does no harm. */
const OVERDUE_SECONDS = 300;
/**
 * Maximum factor by which {@link OVERDUE_SECONDS} grows with the age of an examination. Without this growth, an outage of
 * a day would put hundreds of messages for each piece into the queue, where a message stays until it is processed.
 */
const LONGEST_OVERDUE = 12;
const BATCH = 200;

/**
 * Enqueues the examination of a piece's file.
 * @param delaySeconds delay before the message can be received
 */
export async function enqueue(evidenceId: string, delaySeconds = 0): Promise<void> {
  const body = Queue.toBody({ evidence_id: evidenceId, request_id: Actor.requestId() });
  await Queue.get().send("evidence", { body, delaySeconds });
  await Sweep.callFor("evidence", delaySeconds); // a sweep that ran earlier would not find the message
}

/**
 * Enqueues examinations again whose messages a crash has lost. The sweep calls this.
 * @param overdueSeconds time after which an examination's message counts as lost
 * @returns the number of messages sent, and whether any examination is still waiting
 */
export async function enqueueOverdue(
  overdueSeconds: number = OVERDUE_SECONDS,
): Promise<{ sent: number; more: boolean }> {
  const now = Clock.now();
  const db = Db.use();
  const waiting = await db
    .select({ id: evidence.id, createdAt: evidence.createdAt, updatedAt: evidence.updatedAt })
    .from(evidence)
    .where(and(eq(evidence.status, "examining"), isNull(evidence.hiddenAt)))
    .orderBy(evidence.updatedAt)
    .limit(BATCH);
  const patience = (row: { createdAt: Date; updatedAt: Date }) =>
    Math.min(
      LONGEST_OVERDUE,
      Math.max(1, (row.updatedAt.getTime() - row.createdAt.getTime()) / (OVERDUE_SECONDS * 1000)),
    );
  const overdue = waiting.filter(
    (row) => now.getTime() - row.updatedAt.getTime() >= overdueSeconds * patience(row) * 1000,
  );
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
