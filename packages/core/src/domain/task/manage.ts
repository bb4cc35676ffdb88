import { eq } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { refuseBlocked } from "../block/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Event } from "../../outbox/index.ts";
import { Input } from "../../platform/input.ts";
import { Hidden } from "../hidden/index.ts";
import { notify } from "../notification/notify.ts";
import { Skill } from "../skill/index.ts";
import type { Info } from "./schema.ts";
import { Reason, recordReason } from "./reason.ts";
import { assertStatus, assertManager, infoOf, insertSkills, lockTask, lockTaskAndAssignees } from "./row.ts";
import { FIELDS } from "./input.ts";
import { recordAsAdmin } from "./audit.ts";
import { Claims } from "./claims.ts";
import { placeOf } from "./coordinates.ts";
import { Places } from "./places.ts";
import { Reminders } from "./reminders.ts";
import { timesOf } from "./times.ts";
import { beginAssignment, endAssignment, updateTask } from "./state.ts";
import { taskSkills } from "./task.sql.ts";

/** The fields to change; `null` clears an optional field. */
export const Change = v.strictObject({
  title: v.optional(FIELDS.title),
  description: v.optional(FIELDS.description),
  difficulty: v.optional(FIELDS.difficulty),
  location: v.nullish(FIELDS.location),
  coordinates: v.nullish(FIELDS.coordinates),
  people_needed: v.optional(FIELDS.people_needed),
  starts_at: v.nullish(FIELDS.starts_at),
  ends_at: v.nullish(FIELDS.ends_at),
  claim_hours: v.nullish(FIELDS.claim_hours),
  repeats: v.nullish(FIELDS.repeats),
  estimated_hours: v.nullish(FIELDS.estimated_hours),
  skill_ids: v.optional(Input.skillIds),
  metadata: v.optional(Input.metadata),
});
export const Assignment = v.strictObject({ user_id: Input.uuid });
export const Cancellation = v.strictObject({ reason: Reason });

/**
 * Changes a task's description and other fields. Allowed for its creator and admins, while the task is open or
 * assigned.
 * @throws AppError NOT_FOUND, FORBIDDEN, INVALID_TASK_STATE; VALIDATION_FAILED for an unknown skill
 */
export async function change(taskId: string, input: v.InferOutput<typeof Change>): Promise<Info> {
  // A new starting time moves the reminders. A sweep sends reminders, and only an act arms a sweep.
  const run = input.starts_at === undefined ? Db.transaction : Event.act;
  return run(async () => {
    const task = await lockTask(taskId);
    assertManager(task.row);
    assertStatus(task.row, "open", "assigned");
    const { coordinates, estimated_hours, skill_ids, people_needed, starts_at, ends_at, claim_hours, ...same } = input;
    if (task.row.peopleNeeded > 1 && (await Places.hasBegun(taskId)))
      throw new AppError("INVALID_TASK_STATE", { detail: "A member has begun the task, so it cannot be changed." });
    if (people_needed !== undefined && (task.row.status !== "open" || task.row.placesTaken > 0))
      throw new AppError("INVALID_TASK_STATE", { detail: "people_needed cannot be changed after the first claim." });
    await recordAsAdmin("change", task, { fields: Object.keys(input) });
    const times = timesOf({ starts_at, ends_at, claim_hours }, task.row);
    await updateTask(task, {
      ...same,
      ...(people_needed === undefined ? {} : { peopleNeeded: people_needed }),
      ...times,
      ...(estimated_hours === undefined ? {} : { estimatedHours: estimated_hours }),
      ...(coordinates === undefined ? {} : placeOf(coordinates)),
    });
    if (starts_at !== undefined) await Reminders.reschedule(taskId, times.startsAt);
    if (skill_ids) {
      await Skill.assertExist(skill_ids);
      await Db.use().delete(taskSkills).where(eq(taskSkills.taskId, taskId));
      await insertSkills(taskId, skill_ids);
    }
    return infoOf(taskId);
  });
}

/**
 * Assigns an open task to a member. Allowed for its creator and admins, unless the member has blocked them.
 * @throws AppError NOT_FOUND, FORBIDDEN, TASK_NOT_OPEN, CONTENT_HIDDEN; VALIDATION_FAILED when `user_id` is not a
 * member
 */
export async function assign(taskId: string, input: v.InferOutput<typeof Assignment>): Promise<Info> {
  const { userId } = Actor.member();
  await Claims.prepare(taskId);
  return Event.act(async () => {
    const task = await lockTask(taskId, [input.user_id]);
    assertManager(task.row);
    Hidden.assertNot(task.row);
    if (!task.members.has(input.user_id))
      throw invalidField("user_id", "unknown_reference", "must be the id of a member");
    if (task.row.creatorId === userId) await refuseBlocked([input.user_id]);
    if (task.row.status !== "open") throw new AppError("TASK_NOT_OPEN");
    await recordAsAdmin("assign", task, { assignee_id: input.user_id });
    if (task.row.peopleNeeded > 1) await Claims.give(task, input.user_id);
    else {
      await updateTask(task, { status: "assigned", assigneeId: input.user_id });
      await beginAssignment(taskId, task.row, input.user_id, userId);
    }
    await notify([input.user_id], { kind: "task_assigned", actorId: userId, taskId });
    return infoOf(taskId);
  });
}

/**
 * Closes a task for several with fewer people than it needs, so that no further member can join. Allowed for its
 * creator and admins.
 * @throws AppError NOT_FOUND, FORBIDDEN, INVALID_TASK_STATE
 */
export async function close(taskId: string): Promise<Info> {
  return Db.transaction(async () => {
    const task = await lockTask(taskId);
    assertManager(task.row);
    await recordAsAdmin("close", task, { places_taken: task.row.placesTaken });
    await Places.close(task);
    return infoOf(taskId);
  });
}

/**
 * Cancels a task, even in progress. Allowed for its creator and admins.
 * @throws AppError NOT_FOUND, FORBIDDEN, INVALID_TASK_STATE for a completed or cancelled task
 */
export async function cancel(taskId: string, input: v.InferOutput<typeof Cancellation> = {}): Promise<Info> {
  return Event.act(async () => {
    const task = await lockTaskAndAssignees(taskId);
    assertManager(task.row);
    assertStatus(task.row, "open", "assigned", "in_progress");
    await recordAsAdmin("cancel", task, { status: task.row.status });
    await updateTask(task, { status: "cancelled", cancelledAt: Clock.now() });
    await endAssignment(taskId, "cancelled");
    await recordReason(taskId, "cancel", input.reason);
    const working = task.row.assignees.filter(({ status }) => status !== "completed").map(({ user }) => user.id);
    await notify([task.row.creatorId, ...working], {
      kind: "task_cancelled",
      actorId: Actor.member().userId,
      taskId,
    });
    return infoOf(taskId);
  });
}
