import { and, eq, isNull } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { Id } from "../../platform/id.ts";
import { Daily } from "../../platform/limit/index.ts";
import { type ASSIGNMENT_ENDS, type tasks, taskAssignments } from "./task.sql.ts";

const HOUR_MS = 3_600_000;

/**
 * Records an assignment of a member to a task.
 * @throws AppError RATE_LIMITED for a member who claims or assigns too often in a day, since every assignment is kept
 */
export async function beginAssignment(
  { id: taskId, claimHours }: Pick<typeof tasks.$inferSelect, "id" | "claimHours">,
  userId: string,
  assignedBy: string,
): Promise<void> {
  const assignedAt = Clock.now();
  const claimExpiresAt = claimHours === null ? null : new Date(assignedAt.getTime() + claimHours * HOUR_MS);
  const newId = Id.uuid();
  const { id, assignedBy: owner } = taskAssignments;
  const limit = Config.section("rules").ASSIGNMENT_LIMIT_PER_DAY;
  await Promise.all([
    Daily.assertBelow({ id, owner, newId, limit, things: "assignments" }, assignedBy),
    Db.use().insert(taskAssignments).values({ id: newId, taskId, userId, assignedBy, assignedAt, claimExpiresAt }),
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
