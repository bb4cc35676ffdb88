import { and, asc, count, eq, isNull, lte, sql } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Sweep } from "../../outbox/index.ts";
import { notify } from "../notification/notify.ts";
import { users } from "../user/user.sql.ts";
import { endAssignment } from "./assignments.ts";
import { settle } from "./places.ts";
import { type LockedTask, type Row, columns, load } from "./row.ts";
import { taskAssignments, tasks } from "./task.sql.ts";
import { updateTask } from "./update.ts";

/** The first number of the advisory locks of claims; no other lock of the database has it. */
const CLAIMS = 7_302_116;
const HOUR_SECONDS = 3_600;
const EXPIRED_AT_ONCE = 100;

/**
 * Before the transaction of a claim that can expire: makes places free whose claims have expired, and sends the sweep
 * that will find this one, so that neither a crash nor an idle platform forgets it.
 * @returns the task, not locked
 * @throws AppError NOT_FOUND
 */
export async function prepare(taskId: string): Promise<Row> {
  const row = await load(taskId);
  if (row.claimHours === null) return row;
  // Before anything is written: then no connection is in use. An assigned task may be open once an old claim has expired.
  if (row.status === "open" || row.status === "assigned") await Sweep.send(row.claimHours * HOUR_SECONDS + 1);
  await expire(taskId);
  return row;
}

/**
 * One member cannot claim everything. Claims of one member are counted one after the other.
 * @throws AppError RULE_VIOLATED
 */
export async function assertBelowLimit(userId: string): Promise<void> {
  const limit = Config.section("rules").CLAIM_LIMIT;
  // Sent together, in one round trip; the second begins after the first, so that it sees earlier claims.
  const [, rows] = await Promise.all([
    Db.use().execute(sql`select pg_advisory_xact_lock(${CLAIMS}, hashtext(${userId}))`),
    Db.use()
      .select({ claims: count() })
      .from(taskAssignments)
      .where(and(eq(taskAssignments.userId, userId), isNull(taskAssignments.endedAt))),
  ]);
  if (Db.only(rows).claims >= limit)
    throw new AppError("RULE_VIOLATED", {
      detail: `A member can have at most ${limit} tasks at a time: complete one or give it back.`,
    });
}

/** A claim that its member has not started in time. */
const isDue = () =>
  and(
    isNull(taskAssignments.endedAt),
    isNull(taskAssignments.startedAt),
    lte(taskAssignments.claimExpiresAt, Clock.now()),
  );

/**
 * Gives back places whose members have not started in time, of one task or of all.
 * @returns how many were due, at most a hundred at once, and whether there may be more
 */
export async function expire(taskId?: string): Promise<{ readonly count: number; readonly more: boolean }> {
  const due = await Db.use()
    .select({ taskId: taskAssignments.taskId, userId: taskAssignments.userId })
    .from(taskAssignments)
    .where(and(isDue(), taskId === undefined ? undefined : eq(taskAssignments.taskId, taskId)))
    .orderBy(asc(taskAssignments.claimExpiresAt))
    .limit(EXPIRED_AT_ONCE);
  for (const claim of due) await expireOne(claim.taskId, claim.userId);
  return { count: due.length, more: due.length === EXPIRED_AT_ONCE };
}

async function expireOne(taskId: string, userId: string): Promise<void> {
  await Db.transaction(async () => {
    const task = await lockForPlatform(taskId);
    // Under the lock: the member may have started meanwhile.
    const [still] = await Db.use()
      .select({ id: taskAssignments.id })
      .from(taskAssignments)
      .where(and(eq(taskAssignments.taskId, taskId), eq(taskAssignments.userId, userId), isDue()));
    if (!still) return;
    await endAssignment(taskId, "expired", userId);
    await notify([userId, task.row.creatorId], { kind: "claim_expired", actorId: null, taskId });
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
