import { and, asc, eq, isNull, or } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { Cache } from "../../platform/cache/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { Id } from "../../platform/id.ts";
import { Daily } from "../../platform/limit/index.ts";
import { nextReminderAt } from "./reminder-rules.ts";
import { makeNext } from "./repeat.ts";
import type { LockedTask } from "./row.ts";
import { type ASSIGNMENT_ENDS, CLEARED_LOCATION, ERASED_TASK, taskAssignments, tasks } from "./task.sql.ts";

// The state of a task: its row, and the assignments of its members. A task for several people has a place for each, and
// its status is derived from their assignments (`settle`), so that both always agree and no place is taken twice.

const HOUR_MS = 3_600_000;

/**
 * Updates a task's row. Also erases its location if the task finishes after its creator's deletion, and creates the next task if it
 * repeats and is completed.
 */
export async function updateTask(
  { taskId, row: before, isOrphan }: LockedTask,
  values: PgUpdateSetSource<typeof tasks>,
): Promise<void> {
  const isOver = values.status === "completed" || values.status === "cancelled";
  const [row] = await Db.use()
    .update(tasks)
    .set({
      ...values,
      ...(isOrphan && isOver ? CLEARED_LOCATION : {}),
      ...(isOrphan && values.status === "cancelled" ? ERASED_TASK : {}),
      updatedAt: Clock.now(),
    })
    .where(eq(tasks.id, taskId))
    .returning({ id: tasks.id });
  if (!row) throw new Error("the update returned nothing");
  if (values.status === "completed" && !isOrphan && before.hiddenAt === null) await makeNext(before);
  await Cache.invalidate("tasks");
}

/**
 * Records an assignment of a member to a task.
 * @throws AppError RATE_LIMITED for a member who claims or assigns too often in a day, since every assignment is kept
 */
export async function beginAssignment(
  taskId: string,
  { claimHours, startsAt }: Pick<typeof tasks.$inferSelect, "claimHours" | "startsAt">,
  userId: string,
  assignedBy: string,
): Promise<void> {
  const assignedAt = Clock.now();
  const claimExpiresAt = claimHours === null ? null : new Date(assignedAt.getTime() + claimHours * HOUR_MS);
  const remindAt = nextReminderAt(startsAt, assignedAt);
  const newId = Id.uuid();
  const { id, assignedBy: owner } = taskAssignments;
  const limit = Config.section("rules").ASSIGNMENT_LIMIT_PER_DAY;
  await Promise.all([
    Daily.assertBelow({ id, owner, newId, limit, things: "assignments" }, assignedBy),
    Db.use()
      .insert(taskAssignments)
      .values({ id: newId, taskId, userId, assignedBy, assignedAt, claimExpiresAt, remindAt }),
  ]);
}

const isOpen = (taskId: string, userId?: string) =>
  and(
    eq(taskAssignments.taskId, taskId),
    isNull(taskAssignments.endedAt),
    userId === undefined ? undefined : eq(taskAssignments.userId, userId),
  );

export async function startAssignment(taskId: string, userId: string): Promise<void> {
  await Db.use().update(taskAssignments).set({ startedAt: Clock.now() }).where(isOpen(taskId, userId));
}

/**
 * Ends the open assignments of a task, or only the assignment of one member.
 * @returns the number of assignments that this call has ended
 */
export async function endAssignment(
  taskId: string,
  endedAs: (typeof ASSIGNMENT_ENDS)[number],
  userId?: string,
): Promise<number> {
  const ended = await Db.use()
    .update(taskAssignments)
    .set({ endedAt: Clock.now(), endedAs })
    .where(isOpen(taskId, userId))
    .returning({ id: taskAssignments.id });
  return ended.length;
}

/** Derives the status of a locked task for several from its assignments. */
export async function settle(task: LockedTask, closedAt: Date | null = task.row.closedAt): Promise<void> {
  const { peopleNeeded, startedAt } = task.row;
  const places = await placesOf(task.taskId);
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
export async function placesOf(taskId: string): Promise<(typeof taskAssignments.$inferSelect)[]> {
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
