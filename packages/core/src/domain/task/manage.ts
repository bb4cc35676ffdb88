import { eq } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { refuseBlocked } from "../block/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Input } from "../../platform/input.ts";
import { Hidden } from "../hidden/index.ts";
import { Skill } from "../skill/index.ts";
import type { Info } from "./schema.ts";
import {
  type LockedTask,
  type Row,
  assertStatus,
  assertManager,
  beginAssignment,
  columns,
  endAssignment,
  insertSkills,
  lockTask,
  skillIdsOf,
  toInfo,
} from "./row.ts";
import { invalidateLists } from "./list.ts";
import { FIELDS } from "./input.ts";
import { placeOf } from "./place.ts";
import { ERASED_TASK, CLEARED_LOCATION, taskSkills, tasks } from "./task.sql.ts";

/** The fields to change; `null` clears an optional field. */
export const Change = v.strictObject({
  title: v.optional(FIELDS.title),
  description: v.optional(FIELDS.description),
  difficulty: v.optional(FIELDS.difficulty),
  location: v.nullish(FIELDS.location),
  coordinates: v.nullish(FIELDS.coordinates),
  estimated_hours: v.nullish(FIELDS.estimated_hours),
  skill_ids: v.optional(Input.skillIds),
  metadata: v.optional(Input.metadata),
});
export const Assignment = v.strictObject({ user_id: Input.uuid });

/**
 * Changes a task's description and other fields. Its creator or an admin may, while it is open or assigned.
 * @throws AppError NOT_FOUND, FORBIDDEN, INVALID_TASK_STATE; VALIDATION_FAILED for an unknown skill
 */
export async function change(taskId: string, input: v.InferOutput<typeof Change>): Promise<Info> {
  return Db.transaction(async () => {
    const task = await lockTask(taskId);
    assertManager(task.row);
    assertStatus(task.row, "open", "assigned");
    await recordAsAdmin("change", task, { fields: Object.keys(input) });
    const { coordinates, estimated_hours, skill_ids, ...same } = input;
    const changed = await updateTask(task, {
      ...same,
      ...(estimated_hours === undefined ? {} : { estimatedHours: estimated_hours }),
      ...(coordinates === undefined ? {} : placeOf(coordinates)),
    });
    if (skill_ids) {
      await Skill.assertExist(skill_ids);
      await Db.use().delete(taskSkills).where(eq(taskSkills.taskId, taskId));
      await insertSkills(taskId, skill_ids);
    }
    return toInfo(changed, await skillIdsOf(taskId));
  });
}

/**
 * Assigns an open task to a member. Its creator or an admin may, but not a creator whom the member has blocked.
 * @throws AppError NOT_FOUND, FORBIDDEN, TASK_NOT_OPEN, CONTENT_HIDDEN; VALIDATION_FAILED when `user_id` names no
 * member
 */
export async function assign(taskId: string, input: v.InferOutput<typeof Assignment>): Promise<Info> {
  const { userId } = Actor.member();
  return Db.transaction(async () => {
    const task = await lockTask(taskId, [input.user_id]);
    assertManager(task.row);
    Hidden.assertNot(task.row);
    if (!task.members.has(input.user_id))
      throw invalidField("user_id", "unknown_reference", "must be the id of a member");
    if (task.row.creatorId === userId) await refuseBlocked([input.user_id]);
    if (task.row.status !== "open") throw new AppError("TASK_NOT_OPEN");
    await recordAsAdmin("assign", task, { assignee_id: input.user_id });
    const assigned = await updateTask(task, { status: "assigned", assigneeId: input.user_id });
    await beginAssignment(taskId, input.user_id, userId);
    return toInfo(assigned, await skillIdsOf(taskId));
  });
}

/**
 * Removes the assignee of a task, also of one in progress; the task is open again, or cancelled if its creator is
 * deleted. Its creator, its assignee or an admin may.
 * @throws AppError NOT_FOUND, FORBIDDEN, INVALID_TASK_STATE
 */
export async function unassign(taskId: string): Promise<Info> {
  const { userId } = Actor.member();
  return Db.transaction(async () => {
    const task = await lockTask(taskId);
    if (task.row.assigneeId !== userId) assertManager(task.row);
    assertStatus(task.row, "assigned", "in_progress");
    if (task.row.assigneeId !== userId) await recordAsAdmin("unassign", task, { assignee_id: task.row.assigneeId });
    const returned = await updateTask(task, {
      ...(task.isOrphan ? { status: "cancelled", cancelledAt: Clock.now() } : { status: "open" }),
      assigneeId: null,
      startedAt: null,
    });
    await endAssignment(taskId, "unassigned");
    return toInfo(returned, await skillIdsOf(taskId));
  });
}

/**
 * Cancels a task, even if a member works on it. Its creator or an admin may.
 * @throws AppError NOT_FOUND, FORBIDDEN, INVALID_TASK_STATE for a completed or cancelled task
 */
export async function cancel(taskId: string): Promise<Info> {
  return Db.transaction(async () => {
    const task = await lockTask(taskId);
    assertManager(task.row);
    assertStatus(task.row, "open", "assigned", "in_progress");
    await recordAsAdmin("cancel", task, { status: task.row.status });
    const cancelled = await updateTask(task, { status: "cancelled", cancelledAt: Clock.now() });
    await endAssignment(taskId, "cancelled");
    return toInfo(cancelled, await skillIdsOf(taskId));
  });
}

/** Audits what an admin does to another member's task. */
async function recordAsAdmin(action: string, { row }: LockedTask, details: Record<string, unknown>): Promise<void> {
  if (row.creatorId === Actor.member().userId) return;
  await Audit.record(`task.${action}`, "task", row.id, { creator_id: row.creatorId, ...details });
}

/** Updates a task's row. If the task ends after its creator's deletion, erases its location too. */
export async function updateTask(
  { row: { id }, isOrphan }: LockedTask,
  values: PgUpdateSetSource<typeof tasks>,
): Promise<Row> {
  const isOver = values.status === "completed" || values.status === "cancelled";
  const row = Db.only(
    await Db.use()
      .update(tasks)
      .set({
        ...values,
        ...(isOrphan && isOver ? CLEARED_LOCATION : {}),
        ...(isOrphan && values.status === "cancelled" ? ERASED_TASK : {}),
        updatedAt: Clock.now(),
      })
      .where(eq(tasks.id, id))
      .returning(columns),
  );
  await invalidateLists();
  return row;
}
