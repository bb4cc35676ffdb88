import { and, eq, isNull, sql } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../actor.ts";
import { Clock } from "../clock.ts";
import { Contribution } from "../contribution/index.ts";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import { Event } from "../event/index.ts";
import { Id } from "../id.ts";
import { Input } from "../input.ts";
import { Skill } from "../skill/index.ts";
import { ASSIGNMENT_ENDS, DIFFICULTIES, TASK_STATUSES, taskAssignments, taskSkills, tasks } from "./task.sql.ts";

export const Coordinates = v.strictObject({ lat: Input.latitude, lon: Input.longitude });
export const Creation = v.strictObject({
  title: Input.text(1, 200),
  description: Input.text(0, 5000),
  difficulty: v.picklist(DIFFICULTIES, `must be one of ${DIFFICULTIES.join(", ")}`),
  location: v.optional(Input.text(1, 500)),
  coordinates: v.optional(Coordinates),
  estimated_hours: v.optional(
    v.pipe(v.number("must be a number"), v.gtValue(0, "must be more than 0"), v.maxValue(1000, "must be at most 1000")),
  ),
  skill_ids: v.optional(Input.skillIds, []),
  metadata: v.optional(Input.metadata, {}),
});
export const TaskId = v.strictObject({ task_id: Input.uuid });

export type Status = (typeof TASK_STATUSES)[number];

export interface Info {
  readonly id: string;
  readonly creator_id: string;
  readonly assignee_id: string | null;
  readonly title: string;
  readonly description: string;
  readonly difficulty: (typeof DIFFICULTIES)[number];
  readonly status: Status;
  readonly location: string | null;
  readonly coordinates: { readonly lat: number; readonly lon: number } | null;
  readonly estimated_hours: number | null;
  readonly skill_ids: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly created_at: string;
  readonly updated_at: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly cancelled_at: string | null;
}

/**
 * Publishes a task; whoever creates it may manage it.
 * @throws AppError VALIDATION_FAILED for an unknown skill
 */
export async function create(input: v.InferOutput<typeof Creation>): Promise<Info> {
  const { userId } = Actor.member();
  return Db.transaction(async () => {
    await Skill.assertExist(input.skill_ids);
    const [row] = await Db.use()
      .insert(tasks)
      .values({
        id: Id.uuid(),
        creatorId: userId,
        title: input.title,
        description: input.description,
        difficulty: input.difficulty,
        location: input.location ?? null,
        latitude: input.coordinates?.lat ?? null,
        longitude: input.coordinates?.lon ?? null,
        estimatedHours: input.estimated_hours ?? null,
        metadata: input.metadata,
      })
      .returning();
    if (!row) throw new Error("the insert returned nothing");
    if (input.skill_ids.length > 0) {
      await Db.use()
        .insert(taskSkills)
        .values(input.skill_ids.map((skillId) => ({ taskId: row.id, skillId })));
    }
    return toInfo(row, input.skill_ids);
  });
}

/**
 * One task.
 * @throws AppError NOT_FOUND
 */
export async function get(taskId: string): Promise<Info> {
  return toInfo(await load(taskId), await skillIdsOf(taskId));
}

/**
 * Takes an open task. Of any number of members at once exactly one gets it.
 * @throws AppError NOT_FOUND, TASK_NOT_OPEN
 */
export async function claim(taskId: string): Promise<Info> {
  const { userId } = Actor.member();
  return Db.transaction(async () => {
    const [row] = await Db.use()
      .update(tasks)
      .set({ status: "assigned", assigneeId: userId, updatedAt: Clock.now() })
      .where(and(eq(tasks.id, taskId), eq(tasks.status, "open")))
      .returning();
    if (!row) {
      await load(taskId);
      throw new AppError("TASK_NOT_OPEN");
    }
    await Db.use().insert(taskAssignments).values({ id: Id.uuid(), taskId, userId, assignedBy: userId });
    return toInfo(row, await skillIdsOf(taskId));
  });
}

/**
 * Begins the work. Only the assignee may.
 * @throws AppError NOT_FOUND, FORBIDDEN, INVALID_TASK_STATE
 */
export async function start(taskId: string): Promise<Info> {
  const row = await move(taskId, "assigned", { status: "in_progress", startedAt: Clock.now() });
  return toInfo(row, await skillIdsOf(taskId));
}

/**
 * Ends the work, which makes a contribution of the assignee. Only the assignee may.
 * @throws AppError NOT_FOUND, FORBIDDEN, INVALID_TASK_STATE
 */
export async function complete(
  taskId: string,
  input: v.InferOutput<typeof Contribution.Completion>,
): Promise<Contribution.Info> {
  return Event.act(async () => {
    const row = await move(taskId, "in_progress", { status: "completed", completedAt: Clock.now() });
    await endAssignment(taskId, "completed");
    return Contribution.ofTask({ ...row, skillIds: await skillIdsOf(taskId) }, input);
  });
}

/** One step of the assignee's: checks who and from where under a row lock, then changes. */
async function move(
  taskId: string,
  from: Status,
  to: Partial<typeof tasks.$inferInsert>,
): Promise<typeof tasks.$inferSelect> {
  const { userId } = Actor.member();
  return Db.transaction(async () => {
    const row = await load(taskId, "update");
    if (row.assigneeId !== userId)
      throw new AppError("FORBIDDEN", { detail: "Only the assignee of the task may do this." });
    if (row.status !== from)
      throw new AppError("INVALID_TASK_STATE", { detail: `The task is ${row.status}; this needs ${from}.` });
    const [moved] = await Db.use()
      .update(tasks)
      .set({ ...to, updatedAt: Clock.now() })
      .where(eq(tasks.id, taskId))
      .returning();
    if (!moved) throw new Error("the update returned nothing");
    return moved;
  });
}

async function endAssignment(taskId: string, endedAs: (typeof ASSIGNMENT_ENDS)[number]): Promise<void> {
  await Db.use()
    .update(taskAssignments)
    .set({ endedAt: sql`now()`, endedAs })
    .where(and(eq(taskAssignments.taskId, taskId), isNull(taskAssignments.endedAt)));
}

async function load(taskId: string, lock?: "update"): Promise<typeof tasks.$inferSelect> {
  const query = Db.use().select().from(tasks).where(eq(tasks.id, taskId));
  const [row] = await (lock ? query.for(lock) : query);
  if (!row) throw new AppError("NOT_FOUND");
  return row;
}

async function skillIdsOf(taskId: string): Promise<string[]> {
  const rows = await Db.use()
    .select({ id: taskSkills.skillId })
    .from(taskSkills)
    .where(eq(taskSkills.taskId, taskId))
    .orderBy(taskSkills.skillId);
  return rows.map((row) => row.id);
}

function toInfo(row: typeof tasks.$inferSelect, skillIds: readonly string[]): Info {
  return {
    id: row.id,
    creator_id: row.creatorId,
    assignee_id: row.assigneeId,
    title: row.title,
    description: row.description,
    difficulty: row.difficulty,
    status: row.status,
    location: row.location,
    coordinates: row.latitude === null || row.longitude === null ? null : { lat: row.latitude, lon: row.longitude },
    estimated_hours: row.estimatedHours,
    skill_ids: skillIds,
    metadata: row.metadata,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    started_at: row.startedAt?.toISOString() ?? null,
    completed_at: row.completedAt?.toISOString() ?? null,
    cancelled_at: row.cancelledAt?.toISOString() ?? null,
  };
}

export * as Task from "./index.ts";
