import { type Placeholder, type SQL, and, eq, getTableColumns, or, sql } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { utcText } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Hidden } from "../hidden/index.ts";
import { personOf, personWith } from "../user/person.sql.ts";
import { lockMembers } from "../user/row.ts";
import { users } from "../user/user.sql.ts";
import { PRECISIONS_KM, type TASK_STATUSES, taskSkills, tasks } from "./task.sql.ts";
import type { Info } from "./schema.ts";

export type Status = (typeof TASK_STATUSES)[number];

const { search: _search, hiddenBy: _hiddenBy, ...shown } = getTableColumns(tasks);

/** The columns to read from a task's table: all except the search vector and the id of the admin who hid the task. */
export const stored = shown;
/**
 * The members with a taken or completed place in a task. Skips the lookup of assignments for tasks that have none, as most
 * open tasks.
 */
const assignees = sql<
  Info["assignees"]
>`case when tasks.assignee_id is null and tasks.places_taken = 0 then '[]' else (select coalesce(json_agg(json_build_object('user', ${personWith(sql`place.user_id`)}, 'status', case when place.ended_at is not null then 'completed' when place.started_at is not null then 'in_progress' else 'assigned' end, 'claim_expires_at', case when place.ended_at is null and place.started_at is null then to_char(place.claim_expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end) order by place.id), '[]') from task_assignments place where place.task_id = tasks.id and (place.ended_at is null or place.ended_as = 'completed')) end`;
/** The columns of a task with its people, read in one statement. */
export const columns = {
  ...shown,
  creator: personOf(tasks.creatorId),
  assignee: personOf(tasks.assigneeId),
  assignees,
};
/** The columns of a task with its people and required skills. */
export const columnsWithSkills = {
  ...columns,
  skillIds: sql<
    string[]
  >`array(select required.skill_id from task_skills as required where required.task_id = tasks.id order by 1)`,
};
/**
 * {@link toInfo} of a visible task as a JSON string that PostgreSQL builds. For lists: reading and serialising rows in
 * JavaScript took a third of their CPU time. tests/integration/task/list-items.test.ts compares both forms.
 */
export const infoText = sql`(select row_to_json(info)::text from (select
  ${tasks.id} as id, ${tasks.creatorId} as creator_id, ${personOf(tasks.creatorId)} as creator,
  ${tasks.assigneeId} as assignee_id, ${personOf(tasks.assigneeId)} as assignee,
  ${tasks.peopleNeeded} as people_needed,
  case when ${tasks.status} = 'open' then ${tasks.peopleNeeded} - ${tasks.placesTaken} else 0 end as places_left,
  ${assignees} as assignees, ${utcText(tasks.startsAt)} as starts_at, ${utcText(tasks.endsAt)} as ends_at,
  ${tasks.claimHours} as claim_hours, ${tasks.repeats} as repeats, ${tasks.repeatOf} as repeat_of, ${tasks.title} as title,
  ${tasks.description} as description, ${tasks.difficulty} as difficulty, ${tasks.status} as status,
  ${tasks.location} as location,
  case when ${tasks.latitude} is not null then json_build_object('lat', ${tasks.latitude}, 'lon', ${tasks.longitude}) end as coordinates,
  ${tasks.coordinatesPrecisionKm} as coordinates_precision_km,
  ${tasks.estimatedHours}::float8 as estimated_hours,
  array(select ${taskSkills.skillId} from ${taskSkills} where ${taskSkills.taskId} = ${tasks.id} order by 1) as skill_ids,
  ${tasks.metadata} as metadata, ${utcText(tasks.createdAt)} as created_at, ${utcText(tasks.updatedAt)} as updated_at,
  ${utcText(tasks.startedAt)} as started_at, ${utcText(tasks.completedAt)} as completed_at,
  ${utcText(tasks.cancelledAt)} as cancelled_at, null as hidden) as info)`;
export type Row = Omit<typeof tasks.$inferSelect, "search" | "hiddenBy"> &
  Pick<Info, "creator" | "assignee" | "assignees">;

/**
 * Condition for reading a single task: only its creator, its assignee and admins can see a hidden one. Lists never
 * contain hidden tasks, since they are cached for all members.
 */
export function visible() {
  const shownTo = Hidden.visibleTo(tasks.hiddenAt, tasks.creatorId, tasks.assigneeId);
  const actor = Actor.current();
  if (shownTo === undefined || actor.type !== "member") return shownTo;
  return or(
    shownTo,
    sql`exists (select 1 from task_assignments place where place.task_id = ${tasks.id} and place.user_id = ${actor.userId} and place.ended_at is null)`,
  );
}

/** Condition for tasks that a member is assigned to, has completed, or was assigned to when they were cancelled. */
export const hasPlaceOf = (userId: SQL | Placeholder): SQL =>
  sql`${tasks.id} in (select place.task_id from task_assignments place where place.user_id = ${userId} and (place.ended_at is null or place.ended_as in ('completed', 'cancelled')))`;

/**
 * Reads a task.
 * @throws AppError NOT_FOUND, also for another member's hidden task
 */
export async function load(taskId: string, lock?: "update"): Promise<Row> {
  const query = Db.use()
    .select(columns)
    .from(tasks)
    .where(and(eq(tasks.id, taskId), visible()));
  const [row] = await (lock ? query.for(lock) : query);
  if (!row) throw new AppError("NOT_FOUND");
  return row;
}

/** A locked task: no other transaction can change it until the current one ends. */
export interface LockedTask {
  readonly taskId: string;
  readonly row: Row;
  /** Whether the creator's account is deleted: then only admins can manage the task. */
  readonly isOrphan: boolean;
  /** The ids of the creator and of `others` whose accounts are not deleted; these accounts are locked too. */
  readonly members: ReadonlySet<string>;
}

/**
 * Locks a task, after the accounts of its creator, of the current member and of `others`, so that none of them is
 * deleted meanwhile.
 * @throws AppError UNAUTHENTICATED, NOT_FOUND
 */
export async function lockTask(taskId: string, others: readonly string[] = []): Promise<LockedTask> {
  return lockAfter(taskId, await load(taskId), others);
}

/**
 * {@link lockTask} for an act that notifies assignees, whose accounts are locked too: a notification refers to its
 * member's row, and locking that row after the task would deadlock with the deletion of the account. A member who joins
 * between the two reads is not locked; PostgreSQL would end one of the two transactions (503).
 */
export async function lockTaskAndAssignees(taskId: string): Promise<LockedTask> {
  const row = await load(taskId);
  const working = row.assignees.filter(({ status }) => status !== "completed").map(({ user }) => user.id);
  return lockAfter(taskId, row, row.assigneeId === null ? working : [row.assigneeId, ...working]);
}

async function lockAfter(taskId: string, { creatorId }: Row, others: readonly string[]): Promise<LockedTask> {
  const members = await lockMembers([creatorId, ...others]);
  return { taskId, row: await load(taskId, "update"), isOrphan: !members.has(creatorId), members };
}

/**
 * Locks a task for a change that no member makes: by the sweep, or by a deletion, which has already locked the account.
 */
export async function lockForPlatform(taskId: string): Promise<LockedTask> {
  const [row] = await Db.use().select(columns).from(tasks).where(eq(tasks.id, taskId)).for("update");
  if (!row) throw new Error("a task disappeared");
  const [creator] = await Db.use()
    .select({ deletedAt: users.deletedAt })
    .from(users)
    .where(eq(users.id, row.creatorId));
  return { taskId, row, isOrphan: creator?.deletedAt !== null, members: new Set() };
}

/**
 * Checks the status of a task.
 * @throws AppError INVALID_TASK_STATE, with the allowed statuses in its detail
 */
export function assertStatus(row: Row, ...allowed: readonly Status[]): void {
  if (!allowed.includes(row.status))
    throw new AppError("INVALID_TASK_STATE", {
      detail: `The task is ${row.status}; it must be ${allowed.join(" or ")}.`,
    });
}

/**
 * Checks that the current actor may manage the task.
 * @throws AppError FORBIDDEN unless the actor created the task or is an admin
 */
export function assertManager(row: Row): void {
  const { userId, roles } = Actor.member();
  if (row.creatorId !== userId && !roles.includes("admin"))
    throw new AppError("FORBIDDEN", { detail: "Only the creator of the task or an admin may do this." });
}

export async function skillIdsOf(taskId: string): Promise<string[]> {
  const rows = await Db.use()
    .select({ skillId: taskSkills.skillId })
    .from(taskSkills)
    .where(eq(taskSkills.taskId, taskId))
    .orderBy(taskSkills.skillId);
  return rows.map((row) => row.skillId);
}

/** The task after an act, for its response. */
export async function infoOf(taskId: string): Promise<Info> {
  const [row] = await Db.use().select(columnsWithSkills).from(tasks).where(eq(tasks.id, taskId));
  if (!row) throw new Error("a task disappeared");
  return toInfo(row, row.skillIds);
}

export function toInfo(row: Row, skillIds: readonly string[]): Info {
  return {
    id: row.id,
    creator_id: row.creatorId,
    creator: row.creator,
    assignee_id: row.assigneeId,
    assignee: row.assignee,
    people_needed: row.peopleNeeded,
    places_left: row.status === "open" ? row.peopleNeeded - row.placesTaken : 0,
    assignees: row.assignees,
    starts_at: row.startsAt?.toISOString() ?? null,
    ends_at: row.endsAt?.toISOString() ?? null,
    claim_hours: row.claimHours,
    repeats: row.repeats,
    repeat_of: row.repeatOf,
    title: row.title,
    description: row.description,
    difficulty: row.difficulty,
    status: row.status,
    location: row.location,
    coordinates: row.latitude === null || row.longitude === null ? null : { lat: row.latitude, lon: row.longitude },
    coordinates_precision_km: PRECISIONS_KM.find((km) => km === row.coordinatesPrecisionKm) ?? null,
    estimated_hours: row.estimatedHours,
    skill_ids: skillIds,
    metadata: row.metadata,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    started_at: row.startedAt?.toISOString() ?? null,
    completed_at: row.completedAt?.toISOString() ?? null,
    cancelled_at: row.cancelledAt?.toISOString() ?? null,
    hidden: Hidden.mark(row),
  };
}

export * as TaskRow from "./row.ts";

export async function insertSkills(taskId: string, skillIds: readonly string[]): Promise<void> {
  if (skillIds.length === 0) return;
  await Db.use()
    .insert(taskSkills)
    .values(skillIds.map((skillId) => ({ taskId, skillId })));
}
