import { and, eq, isNull } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Event } from "../../outbox/index.ts";
import { Input } from "../../platform/input.ts";
import { notify } from "../notification/notify.ts";
import { endAssignment } from "./assignments.ts";
import { recordAsAdmin } from "./audit.ts";
import { Places } from "./places.ts";
import { Reason, recordReason } from "./reason.ts";
import { type LockedTask, assertManager, assertStatus, infoOf, lockTask, lockTaskAndAssignees } from "./row.ts";
import type { Info } from "./schema.ts";
import { type ASSIGNMENT_ENDS, taskAssignments } from "./task.sql.ts";
import { updateTask } from "./update.ts";

/** Whose place of a task for several is to be free again; the caller's own unless it is set. */
export const Unassignment = v.strictObject({ user_id: v.optional(Input.uuid), reason: Reason });
export const Absence = v.strictObject({ reason: Reason });

/**
 * Removes an assignee of a task, also of one in progress; the task is open again, or cancelled if its creator is
 * deleted. The creator, the assignee or an admin may.
 * @throws AppError NOT_FOUND, FORBIDDEN, INVALID_TASK_STATE
 */
export async function unassign(taskId: string, input: v.InferOutput<typeof Unassignment>): Promise<Info> {
  const { userId } = Actor.member();
  return Event.act(async () => {
    const task = await lockTaskAndAssignees(taskId);
    const { peopleNeeded, assigneeId } = task.row;
    const leaving = input.user_id ?? (peopleNeeded > 1 ? userId : assigneeId);
    if (leaving !== userId) assertManager(task.row);
    if (peopleNeeded === 1) assertStatus(task.row, "assigned", "in_progress");
    if (leaving !== userId) await recordAsAdmin("unassign", task, { assignee_id: leaving });
    await free(task, leaving ?? userId, "unassigned");
    await recordReason(taskId, "unassign", input.reason);
    const isOwn = leaving === userId;
    await notify([isOwn ? task.row.creatorId : leaving], {
      kind: isOwn ? "task_given_back" : "task_unassigned",
      actorId: userId,
      taskId,
    });
    return infoOf(taskId);
  });
}

/**
 * Gives the current member's place back before they have started, since they cannot come: it is free at once.
 * @throws AppError NOT_FOUND, FORBIDDEN, INVALID_TASK_STATE
 */
export async function cannotCome(taskId: string, { reason }: v.InferOutput<typeof Absence>): Promise<Info> {
  const { userId } = Actor.member();
  return Event.act(async () => {
    const task = await lockTask(taskId);
    const [own] = await Db.use()
      .select({ startedAt: taskAssignments.startedAt })
      .from(taskAssignments)
      .where(
        and(eq(taskAssignments.taskId, taskId), eq(taskAssignments.userId, userId), isNull(taskAssignments.endedAt)),
      );
    if (!own) throw new AppError("FORBIDDEN", { detail: "Only an assignee of the task may do this." });
    if (own.startedAt !== null) throw new AppError("INVALID_TASK_STATE", { detail: "You have already started." });
    await free(task, userId, "cannot_come");
    await recordReason(taskId, "cannot_come", reason);
    await notify([task.row.creatorId], { kind: "cannot_come", actorId: userId, taskId });
    return infoOf(taskId);
  });
}

/** Makes the place of a member free again. @throws AppError INVALID_TASK_STATE if they have none */
async function free(task: LockedTask, userId: string, endedAs: (typeof ASSIGNMENT_ENDS)[number]): Promise<void> {
  const { id: taskId, peopleNeeded, assigneeId } = task.row;
  if (peopleNeeded > 1) return Places.release(task, userId, endedAs);
  if (userId !== assigneeId)
    throw new AppError("INVALID_TASK_STATE", { detail: "The member does not have this task." });
  await updateTask(task, {
    ...(task.isOrphan ? { status: "cancelled", cancelledAt: Clock.now() } : { status: "open" }),
    assigneeId: null,
    startedAt: null,
  });
  await endAssignment(taskId, endedAs);
}
