import { and, eq, isNull, lt, sql } from "drizzle-orm";
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
export async function enqueue(evidenceId: string, delaySeconds?: number): Promise<void> {
  await Queue.get().send("evidence", {
    body: Queue.toBody({ evidence_id: evidenceId, request_id: Actor.requestId() }),
    ...(delaySeconds === undefined ? {} : { delaySeconds }),
  });
  await Sweep.callFor("evidence");
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

/** Window in which a member's examinations are counted. */
const EXAMINATIONS_WINDOW_SECONDS = 3600;
/**
 * Maximum time for which a file is deferred. A file is deferred only in favour of files that have waited no longer than
 * this: the message of an older file may be lost.
 */
const LONGEST_GIVING_WAY_SECONDS = 300;
/** Maximum number of other members' waiting files that are considered, the oldest first. */
const WAITING_FILES = 100;

/**
 * Whether another member's file goes first. A member whose files were examined more often within the last hour yields to members with
 * fewer examinations, so that 50 files of one member do not delay a single file of another: queues deliver in the order of submission.
 */
export async function mustGiveWay(
  row: Pick<typeof evidence.$inferSelect, "submittedBy" | "examinations" | "createdAt">,
): Promise<boolean> {
  const now = Clock.now().getTime();
  const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
  if (row.examinations > 0 || row.createdAt.toISOString() < ago(LONGEST_GIVING_WAY_SECONDS)) return false;
  const begunBy = (member: ReturnType<typeof sql>) => sql`(
    select count(*) from ${evidence} begun
    where begun.submitted_by = ${member} and begun.examinations > 0 and begun.created_at > ${ago(EXAMINATIONS_WINDOW_SECONDS)}::timestamptz)`;
  const [found] = await Db.use().execute<{ goes_first: boolean }>(sql`
    select exists (
      select from (
        select submitted_by from ${evidence}
        where status = 'examining' and examinations = 0 and hidden_at is null
          and submitted_by <> ${row.submittedBy} and updated_at > ${ago(LONGEST_GIVING_WAY_SECONDS)}::timestamptz
        order by updated_at limit ${WAITING_FILES}
      ) waiting
      where ${begunBy(sql`waiting.submitted_by`)} < ${begunBy(sql`${row.submittedBy}`)}
    ) as goes_first`);
  return found?.goes_first ?? false;
}

export * as EvidenceQueue from "./queue.ts";
