import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { AppError } from "../../platform/error.ts";
import { Hidden } from "../hidden/index.ts";
import type { LockedTask } from "./row.ts";
import { endAssignment, placesOf, settle, startAssignment } from "./state.ts";
import type { ASSIGNMENT_ENDS, taskAssignments } from "./task.sql.ts";

// Places of a task for several people, once members have claimed them. Each act changes one assignment of a locked task
// and then derives the task's status.

/**
 * Records that the current member has started.
 * @throws AppError FORBIDDEN, CONTENT_HIDDEN, INVALID_TASK_STATE
 */
export async function start(task: LockedTask): Promise<void> {
  const place = await ownPlace(task);
  if (place.startedAt !== null) throw new AppError("INVALID_TASK_STATE", { detail: "You have already started." });
  await startAssignment(task.taskId, place.userId);
  await settle(task);
}

/**
 * Records that the current member has completed their part.
 * @throws AppError FORBIDDEN, CONTENT_HIDDEN, INVALID_TASK_STATE
 */
export async function complete(task: LockedTask): Promise<void> {
  const place = await ownPlace(task);
  if (place.startedAt === null) throw new AppError("INVALID_TASK_STATE", { detail: "You have not started yet." });
  await endAssignment(task.taskId, "completed", place.userId);
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
  if ((await endAssignment(task.taskId, endedAs, userId)) === 0)
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

async function ownPlace({ taskId, row }: LockedTask): Promise<typeof taskAssignments.$inferSelect> {
  const { userId } = Actor.member();
  const own = (await placesOf(taskId)).find((place) => place.userId === userId);
  if (!own) throw new AppError("FORBIDDEN", { detail: "Only an assignee of the task may do this." });
  Hidden.assertNot(row);
  if (own.endedAt !== null) throw new AppError("INVALID_TASK_STATE", { detail: "You have already completed it." });
  return own;
}

export * as Places from "./places.ts";
