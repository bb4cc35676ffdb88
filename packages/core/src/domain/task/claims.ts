import { and, asc, count, eq, isNull, lte, sql } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Cache } from "../../platform/cache/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Event, Sweep } from "../../outbox/index.ts";
import { refuseBlocked } from "../block/index.ts";
import { Hidden } from "../hidden/index.ts";
import { notify } from "../notification/notify.ts";
import { lockAccounts, lockMembers } from "../user/row.ts";
import { type LockedTask, type Row, infoOf, load, lockForPlatform, lockTask } from "./row.ts";
import type { Info } from "./schema.ts";
import { beginAssignment, endAssignment, placesOf, settle, updateTask } from "./state.ts";
import { taskAssignments, tasks } from "./task.sql.ts";

/** The first of the two keys of a claim's advisory lock; the second is a hash of the member's id. */
const CLAIMS = 7_302_116;
const HOUR_SECONDS = 3_600;
const EXPIRED_AT_ONCE = 100;
/**
 * Time from the expiry of a claim until its sweep. The message is sent first, and then the claim may wait for a
 * connection and locks: with a shorter time, the sweep could run before the claim has expired and would not end it.
 */
const SWEEP_MARGIN_SECONDS = 60;

/**
 * Takes an open task, or a place in a task for several. Of concurrent claims, exactly as many succeed as there are
 * places.
 * @throws AppError NOT_FOUND, TASK_NOT_OPEN, CONTENT_HIDDEN; FORBIDDEN when the creator has blocked the member;
 * RULE_VIOLATED above `CLAIM_LIMIT` open claims; INVALID_TASK_STATE for a second place in one task
 */
export async function claim(taskId: string): Promise<Info> {
  const { userId } = Actor.member();
  const { creatorId, peopleNeeded } = await prepare(taskId);
  return Event.act(async () => {
    await assertBelowLimit(userId);
    if (peopleNeeded > 1) return claimPlace(taskId, userId);
    await lockMembers([creatorId]);
    await refuseBlocked([creatorId]);
    const [row] = await Db.use()
      .update(tasks)
      .set({ status: "assigned", assigneeId: userId, updatedAt: Clock.now() })
      .where(and(eq(tasks.id, taskId), eq(tasks.status, "open"), eq(tasks.peopleNeeded, 1), isNull(tasks.hiddenAt)))
      // The creator may have changed the times since the task was read without a lock.
      .returning({ claimHours: tasks.claimHours, startsAt: tasks.startsAt });
    if (!row) {
      Hidden.assertNot(await load(taskId));
      throw new AppError("TASK_NOT_OPEN");
    }
    // Sends both queries in one round trip.
    await Promise.all([
      beginAssignment(taskId, row, userId, userId),
      notify([creatorId], { kind: "task_claimed", actorId: userId, taskId }),
    ]);
    await Cache.invalidate("tasks");
    return infoOf(taskId);
  });
}

/** Claims a place in a task for several people. */
async function claimPlace(taskId: string, userId: string): Promise<Info> {
  const task = await lockTask(taskId);
  // The task was for several people when it was read without a lock; its creator may have changed it meanwhile to a
  // task for one person, which has no places.
  if (task.row.peopleNeeded === 1) throw new AppError("TASK_NOT_OPEN");
  await refuseBlocked([task.row.creatorId]);
  await give(task, userId);
  await notify([task.row.creatorId], { kind: "task_claimed", actorId: userId, taskId });
  return infoOf(taskId);
}

/**
 * Gives a member a place in a locked task for several people.
 * @throws AppError CONTENT_HIDDEN, TASK_NOT_OPEN; INVALID_TASK_STATE if the member has or had a place
 */
export async function give(task: LockedTask, userId: string): Promise<void> {
  Hidden.assertNot(task.row);
  if (task.row.status !== "open") throw new AppError("TASK_NOT_OPEN");
  if ((await placesOf(task.taskId)).some((place) => place.userId === userId))
    throw new AppError("INVALID_TASK_STATE", { detail: "The member already has a place of this task." });
  await beginAssignment(task.taskId, task.row, userId, Actor.member().userId);
  await settle(task);
}

/**
 * Prepares the transaction of a claim that can expire: frees places whose claims have expired, and sends the delayed
 * sweep message that will find this claim, so that it expires even after a crash or on an idle platform.
 * @returns the task, not locked
 * @throws AppError NOT_FOUND
 */
export async function prepare(taskId: string): Promise<Row> {
  const row = await load(taskId);
  if (row.claimHours === null) return row;
  // Sends the message before any write, so that no database connection is in use while it waits for the queue. Sends it
  // for an assigned task too: if the old claim has expired, the task will be open.
  if (row.status === "open" || row.status === "assigned")
    await Sweep.send(row.claimHours * HOUR_SECONDS + SWEEP_MARGIN_SECONDS);
  await expire(taskId);
  return row;
}

/**
 * Limits the open claims of one member. Counts them under a lock, so that concurrent claims of one member run one after
 * another.
 * @throws AppError RULE_VIOLATED
 */
async function assertBelowLimit(userId: string): Promise<void> {
  const limit = Config.section("rules").CLAIM_LIMIT;
  // Sends the lock and the query in one round trip. PostgreSQL begins the query once it has the lock, so that the query
  // sees earlier claims.
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

/** Condition for an assignment whose member has not started in time. */
const isDue = () =>
  and(
    isNull(taskAssignments.endedAt),
    isNull(taskAssignments.startedAt),
    lte(taskAssignments.claimExpiresAt, Clock.now()),
  );

/**
 * Ends the assignments of members who have not started in time, of one task or of all.
 * @returns the number of expired claims, at most a hundred per call, and whether there may be more
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
  const { creatorId } = Db.only(
    await Db.use().select({ creatorId: tasks.creatorId }).from(tasks).where(eq(tasks.id, taskId)),
  );
  await Db.transaction(async () => {
    await lockAccounts([userId, creatorId]); // both members are notified
    const task = await lockForPlatform(taskId);
    // Checks again under the lock, since the member may have started meanwhile.
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

export * as Claims from "./claims.ts";
