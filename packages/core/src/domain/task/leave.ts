import { and, eq, isNull } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Event } from "../../outbox/index.ts";
import { Input } from "../../platform/input.ts";
import { notify } from "../notification/notify.ts";
import { recordAsAdmin } from "./audit.ts";
import { Places } from "./places.ts";
import { Reason, recordReason } from "./reason.ts";
import { type LockedTask, assertManager, assertStatus, infoOf, lockTask, lockTaskAndAssignees } from "./row.ts";
import type { Info } from "./schema.ts";
import { type ASSIGNMENT_ENDS, taskAssignments } from "./task.sql.ts";
import { endAssignment, updateTask } from "./state.ts";

/** Request body that names the member whose place in a task for several becomes free; by default the current member. */
export const Unassignment = v.strictObject({ user_id: v.optional(Input.uuid), reason: Reason });
export const Absence = v.strictObject({ reason: Reason });

/**
 * Removes an assignee from a task, even after they have started. The task is open again, or cancelled if its creator is
 * deleted. Allowed for the creator, the assignee and admins.
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
 * Gives the current member's place back before they have started, because they cannot come. The place is free at once.
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

/** Frees the place of a member. @throws AppError INVALID_TASK_STATE if the member has no place */
async function free(task: LockedTask, userId: string, endedAs: (typeof ASSIGNMENT_ENDS)[number]): Promise<void> {
  const { peopleNeeded, assigneeId } = task.row;
  if (peopleNeeded > 1) return Places.release(task, userId, endedAs);
  if (userId !== assigneeId)
    throw new AppError("INVALID_TASK_STATE", { detail: "The member does not have this task." });
  await updateTask(task, {
    ...(task.isOrphan ? { status: "cancelled", cancelledAt: Clock.now() } : { status: "open" }),
    assigneeId: null,
    startedAt: null,
  });
  await endAssignment(task.taskId, endedAs);
}
