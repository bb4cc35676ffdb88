import { and, asc, count, eq, isNull, lte, sql } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Sweep } from "../../outbox/index.ts";
import { users } from "../user/user.sql.ts";
import { endAssignment } from "./assignments.ts";
import { settle } from "./places.ts";
import { type LockedTask, type Row, columns } from "./row.ts";
import { taskAssignments, tasks } from "./task.sql.ts";
import { updateTask } from "./update.ts";

/** The first number of the advisory locks of claims; no other lock of the database has it. */
const CLAIMS = 7_302_116;
const HOUR_SECONDS = 3_600;
const EXPIRED_AT_ONCE = 100;

/**
 * Before the transaction of a claim that can expire: makes places free whose claims have expired, and sends the sweep
 * that will find this one, so that neither a crash nor an idle platform forgets it.
 */
export async function prepare({ id, claimHours }: Pick<Row, "id" | "claimHours">): Promise<void> {
  if (claimHours === null) return;
  await expire(id);
  await Sweep.send(claimHours * HOUR_SECONDS + 1);
}

/**
 * One member cannot claim everything. Claims of one member are counted one after the other.
 * @throws AppError RULE_VIOLATED
 */
export async function assertBelowLimit(userId: string): Promise<void> {
  const limit = Config.section("rules").CLAIM_LIMIT;
  await Db.use().execute(sql`select pg_advisory_xact_lock(${CLAIMS}, hashtext(${userId}))`);
  const [open] = await Db.use()
    .select({ claims: count() })
    .from(taskAssignments)
    .where(and(eq(taskAssignments.userId, userId), isNull(taskAssignments.endedAt)));
  if ((open?.claims ?? 0) >= limit)
    throw new AppError("RULE_VIOLATED", {
      detail: `A member can have at most ${limit} tasks at a time: complete one or give it back.`,
    });
}

/**
 * Gives back places whose members have not started in time, of one task or of all.
 * @returns how many were due, at most a hundred at once
 */
export async function expire(taskId?: string): Promise<number> {
  const due = await Db.use()
    .select({ taskId: taskAssignments.taskId, userId: taskAssignments.userId })
    .from(taskAssignments)
    .where(
      and(
        isNull(taskAssignments.endedAt),
        isNull(taskAssignments.startedAt),
        lte(taskAssignments.claimExpiresAt, Clock.now()),
        taskId === undefined ? undefined : eq(taskAssignments.taskId, taskId),
      ),
    )
    .orderBy(asc(taskAssignments.claimExpiresAt))
    .limit(EXPIRED_AT_ONCE);
  for (const claim of due) await expireOne(claim.taskId, claim.userId);
  return due.length;
}

async function expireOne(taskId: string, userId: string): Promise<void> {
  await Db.transaction(async () => {
    const task = await lockForPlatform(taskId);
    // Under the lock: the member may have started meanwhile.
    const [still] = await Db.use()
      .select({ id: taskAssignments.id })
      .from(taskAssignments)
      .where(
        and(
          eq(taskAssignments.taskId, taskId),
          eq(taskAssignments.userId, userId),
          isNull(taskAssignments.endedAt),
          isNull(taskAssignments.startedAt),
        ),
      );
    if (!still) return;
    await endAssignment(taskId, "expired", userId);
    if (task.row.peopleNeeded > 1) await settle(task);
    else
      await updateTask(task, {
        ...(task.isOrphan ? { status: "cancelled", cancelledAt: Clock.now() } : { status: "open" }),
        assigneeId: null,
      });
  });
}

/** Locks a task for an act of no member: of the sweep, or of a deletion, which has locked the account already. */
export async function lockForPlatform(taskId: string): Promise<LockedTask> {
  const [row] = await Db.use().select(columns).from(tasks).where(eq(tasks.id, taskId)).for("update");
  if (!row) throw new Error("a task disappeared");
  const [creator] = await Db.use()
    .select({ deletedAt: users.deletedAt })
    .from(users)
    .where(eq(users.id, row.creatorId));
  return { row, isOrphan: creator?.deletedAt !== null, members: new Set() };
}

export * as Claims from "./claims.ts";
