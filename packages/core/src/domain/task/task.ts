import { and, eq } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Cache } from "../../platform/cache/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Contribution } from "../contribution/index.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Event } from "../../outbox/index.ts";
import { Id } from "../../platform/id.ts";
import { Input } from "../../platform/input.ts";
import { Daily } from "../../platform/limit/index.ts";
import { Hidden } from "../hidden/index.ts";
import { notify } from "../notification/notify.ts";
import { Skill } from "../skill/index.ts";
import { lockMembers } from "../user/row.ts";
import type { Info } from "./schema.ts";
import {
  insertSkills,
  type Row,
  type Status,
  assertStatus,
  columns,
  columnsWithSkills,
  infoOf,
  lockTask,
  skillIdsOf,
  toInfo,
  visible,
} from "./row.ts";
import { FIELDS } from "./input.ts";
import { placeOf } from "./coordinates.ts";
import { timesOf } from "./times.ts";
import { Places } from "./places.ts";
import { endAssignment, startAssignment, updateTask } from "./state.ts";
import { tasks } from "./task.sql.ts";

export const Creation = v.strictObject({
  title: FIELDS.title,
  description: FIELDS.description,
  difficulty: FIELDS.difficulty,
  location: v.optional(FIELDS.location),
  coordinates: v.optional(FIELDS.coordinates),
  people_needed: v.optional(FIELDS.people_needed),
  starts_at: v.optional(FIELDS.starts_at),
  ends_at: v.optional(FIELDS.ends_at),
  claim_hours: v.optional(FIELDS.claim_hours),
  repeats: v.optional(FIELDS.repeats),
  estimated_hours: v.optional(FIELDS.estimated_hours),
  skill_ids: v.optional(Input.skillIds, []),
  metadata: v.optional(Input.metadata, {}),
});
export const TaskId = v.strictObject({ task_id: Input.uuid });

export type { Status } from "./row.ts";
export type { Info } from "./schema.ts";
export { ListQuery, list } from "./list.ts";
export { AttendanceQuery, Mark, attendance, markAttendance } from "./attendance.ts";
export { claim } from "./claims.ts";
export { Absence, Unassignment, cannotCome, unassign } from "./leave.ts";
export { Assignment, Cancellation, Change, assign, cancel, change, close } from "./manage.ts";

/**
 * Publishes a task; its creator may manage it.
 * @throws AppError VALIDATION_FAILED for an unknown skill, RATE_LIMITED for too many tasks in a day
 */
export async function create(input: v.InferOutput<typeof Creation>): Promise<Info> {
  const { userId } = Actor.member();
  return Db.transaction(async () => {
    await lockMembers();
    const limit = Config.section("rules").TASK_LIMIT_PER_DAY;
    // Sends both queries in one round trip.
    await Promise.all([
      Daily.assertBelow({ id: tasks.id, owner: tasks.creatorId, limit, things: "tasks" }, userId),
      Skill.assertExist(input.skill_ids),
    ]);
    const row = Db.only(
      await Db.use()
        .insert(tasks)
        .values({
          id: Id.uuid(),
          creatorId: userId,
          title: input.title,
          description: input.description,
          difficulty: input.difficulty,
          location: input.location ?? null,
          ...placeOf(input.coordinates),
          peopleNeeded: input.people_needed ?? 1,
          repeats: input.repeats ?? null,
          ...timesOf(input),
          estimatedHours: input.estimated_hours ?? null,
          metadata: input.metadata,
        })
        .returning(columns),
    );
    await insertSkills(row.id, input.skill_ids);
    await Cache.invalidate("tasks");
    return toInfo(row, input.skill_ids);
  });
}

/**
 * One task.
 * @throws AppError NOT_FOUND
 */
export async function get(taskId: string): Promise<Info> {
  const [row] = await Db.use()
    .select(columnsWithSkills)
    .from(tasks)
    .where(and(eq(tasks.id, taskId), visible()));
  if (!row) throw new AppError("NOT_FOUND");
  return toInfo(row, row.skillIds);
}

/**
 * Starts the work. Allowed only for an assignee.
 * @throws AppError NOT_FOUND, FORBIDDEN, INVALID_TASK_STATE, CONTENT_HIDDEN
 */
export async function start(taskId: string): Promise<Info> {
  const { userId } = Actor.member();
  return Db.transaction(async () => {
    const task = await lockTask(taskId);
    if (task.row.peopleNeeded > 1) await Places.start(task);
    else {
      assertAssignee(task.row, "assigned");
      await updateTask(task, { status: "in_progress", startedAt: Clock.now() });
      await startAssignment(taskId, userId);
    }
    return infoOf(taskId);
  });
}

/**
 * Completes the work, which creates a contribution of the assignee. Allowed only for an assignee. A task for several is
 * completed once all its places are.
 * @throws AppError NOT_FOUND, FORBIDDEN, INVALID_TASK_STATE, CONTENT_HIDDEN
 */
export async function complete(
  taskId: string,
  input: v.InferOutput<typeof Contribution.Completion>,
): Promise<Contribution.Info> {
  return Event.act(async () => {
    const task = await lockTask(taskId);
    const { row } = task;
    if (row.peopleNeeded > 1) await Places.complete(task);
    else {
      assertAssignee(row, "in_progress");
      await updateTask(task, { status: "completed", completedAt: Clock.now() });
      await endAssignment(taskId, "completed");
    }
    const made = await Contribution.ofTask({ ...row, skillIds: await skillIdsOf(taskId) }, input);
    const { userId: actorId } = Actor.member();
    await notify([row.creatorId], { kind: "task_completed", actorId, taskId, contributionId: made.id });
    return made;
  });
}

/**
 * Checks that the current member is the assignee, and the task's status.
 * @throws AppError FORBIDDEN, CONTENT_HIDDEN, INVALID_TASK_STATE
 */
function assertAssignee(row: Row, status: Status): void {
  if (row.assigneeId !== Actor.member().userId)
    throw new AppError("FORBIDDEN", { detail: "Only the assignee of the task may do this." });
  Hidden.assertNot(row);
  assertStatus(row, status);
}

export * as Task from "./task.ts";
