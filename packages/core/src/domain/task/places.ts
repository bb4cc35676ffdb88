import { and, asc, eq, isNull, or } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { refuseBlocked } from "../block/index.ts";
import { Hidden } from "../hidden/index.ts";
import { notify } from "../notification/notify.ts";
import { beginAssignment, endAssignment, startAssignment } from "./assignments.ts";
import { type LockedTask, infoOf, lockTask } from "./row.ts";
import type { Info } from "./schema.ts";
import { type ASSIGNMENT_ENDS, taskAssignments } from "./task.sql.ts";
import { updateTask } from "./update.ts";

// Places of a task for several people. Each act locks the task, changes one assignment, and then derives the task's
// status from all assignments (`settle`), so that status and assignments always agree and no place is taken twice.

/** Gives the current member a place. Must run in a transaction. */
export async function claim(taskId: string): Promise<Info> {
  const { userId } = Actor.member();
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
 * Gives a member a place in a locked task.
 * @throws AppError CONTENT_HIDDEN, TASK_NOT_OPEN; INVALID_TASK_STATE if the member has or had a place
 */
export async function give(task: LockedTask, userId: string): Promise<void> {
  Hidden.assertNot(task.row);
  if (task.row.status !== "open") throw new AppError("TASK_NOT_OPEN");
  if ((await placesOf(task.row.id)).some((place) => place.userId === userId))
    throw new AppError("INVALID_TASK_STATE", { detail: "The member already has a place of this task." });
  await beginAssignment(task.row, userId, Actor.member().userId);
  await settle(task);
}

/**
 * Records that the current member has started.
 * @throws AppError FORBIDDEN, CONTENT_HIDDEN, INVALID_TASK_STATE
 */
export async function start(task: LockedTask): Promise<void> {
  const place = await ownPlace(task);
  if (place.startedAt !== null) throw new AppError("INVALID_TASK_STATE", { detail: "You have already started." });
  await startAssignment(task.row.id, place.userId);
  await settle(task);
}

/**
 * Records that the current member has completed their part.
 * @throws AppError FORBIDDEN, CONTENT_HIDDEN, INVALID_TASK_STATE
 */
export async function complete(task: LockedTask): Promise<void> {
  const place = await ownPlace(task);
  if (place.startedAt === null) throw new AppError("INVALID_TASK_STATE", { detail: "You have not started yet." });
  await endAssignment(task.row.id, "completed", place.userId);
  await settle(task);
}

/**
 * Frees the place of a member.
 * @throws AppError INVALID_TASK_STATE if the member has no place
 */
export async function release(
  task: LockedTask,
  userId: string,
  endedAs: (typeof ASSIGNMENT_ENDS)[number],
): Promise<void> {
  if ((await endAssignment(task.row.id, endedAs, userId)) === 0)
    throw new AppError("INVALID_TASK_STATE", { detail: "The member has no place of this task." });
  await settle(task);
}

/**
 * Closes a task for further members: it is completed once its current members have completed their parts.
 * @throws AppError INVALID_TASK_STATE for a task for one person, a task without assignees, or a finished one
 */
export async function close(task: LockedTask): Promise<void> {
  const { peopleNeeded, placesTaken, status } = task.row;
  if (peopleNeeded === 1 || placesTaken === 0 || status === "completed" || status === "cancelled")
    throw new AppError("INVALID_TASK_STATE", {
      detail: "Only a task for several people, of which at least one has a place, can be closed.",
    });
  await settle(task, Clock.now());
}

/** Whether a member has started: from then on, the description that they agreed to must not change. */
export async function hasBegun(taskId: string): Promise<boolean> {
  return (await placesOf(taskId)).some((place) => place.startedAt !== null);
}

/** Derives the status of a locked task for several from its assignments. */
export async function settle(task: LockedTask, closedAt: Date | null = task.row.closedAt): Promise<void> {
  const { peopleNeeded, startedAt } = task.row;
  const places = await placesOf(task.row.id);
  const completed = places.filter((place) => place.endedAt !== null).length;
  const hasStarted = places.some((place) => place.startedAt !== null);
  const now = Clock.now();
  // A task whose creator's account is deleted counts as closed, since no member could manage it.
  const isClosed = (closedAt !== null || task.isOrphan) && places.length > 0;
  const next = statusOf({
    places: places.length,
    completed,
    hasStarted,
    isClosed,
    peopleNeeded,
    isOrphan: task.isOrphan,
  });
  await updateTask(task, {
    status: next,
    placesTaken: places.length,
    closedAt: isClosed ? (closedAt ?? now) : null,
    startedAt: hasStarted ? (startedAt ?? now) : null,
    completedAt: next === "completed" ? now : null,
    cancelledAt: next === "cancelled" ? now : null,
  });
}

interface Facts {
  /** Number of places that are taken or completed. */
  readonly places: number;
  readonly completed: number;
  readonly peopleNeeded: number;
  readonly hasStarted: boolean;
  readonly isClosed: boolean;
  readonly isOrphan: boolean;
}

/** The status of a task for several people. It is open while a place is free, even if others have started. */
export function statusOf({ places, completed, peopleNeeded, hasStarted, isClosed, isOrphan }: Facts) {
  if (places === 0) return isOrphan ? "cancelled" : "open";
  if (completed === (isClosed ? places : peopleNeeded)) return "completed";
  if (!isClosed && places < peopleNeeded) return "open";
  return hasStarted ? "in_progress" : "assigned";
}

/** The assignments that occupy a place: open and completed ones. */
async function placesOf(taskId: string): Promise<(typeof taskAssignments.$inferSelect)[]> {
  return Db.use()
    .select()
    .from(taskAssignments)
    .where(
      and(
        eq(taskAssignments.taskId, taskId),
        or(isNull(taskAssignments.endedAt), eq(taskAssignments.endedAs, "completed")),
      ),
    )
    .orderBy(asc(taskAssignments.id));
}

async function ownPlace({ row }: LockedTask): Promise<typeof taskAssignments.$inferSelect> {
  const { userId } = Actor.member();
  const own = (await placesOf(row.id)).find((place) => place.userId === userId);
  if (!own) throw new AppError("FORBIDDEN", { detail: "Only an assignee of the task may do this." });
  Hidden.assertNot(row);
  if (own.endedAt !== null) throw new AppError("INVALID_TASK_STATE", { detail: "You have already completed it." });
  return own;
}

export * as Places from "./places.ts";
