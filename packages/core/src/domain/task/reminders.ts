import { and, asc, eq, inArray, isNull, lte, min, sql } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Log } from "../../platform/log.ts";
import { notify } from "../notification/notify.ts";
import { lockAccounts } from "../user/row.ts";
import { dueReminder, nextReminderAt } from "./reminder-rules.ts";
import { taskAssignments, tasks } from "./task.sql.ts";

/** Maximum number of reminders that one call sends. */
const AT_ONCE = 500;

/** Condition for an open assignment with a reminder whose member has not started. The partial index has the same condition. */
const isWaiting = sql`${taskAssignments.remindAt} is not null and ${taskAssignments.endedAt} is null and ${taskAssignments.startedAt} is null`;
const isDue = () => and(isWaiting, lte(taskAssignments.remindAt, Clock.now()));

/**
 * Reminds the members of tasks that begin soon. Called by the sweep that each claim has armed, and by the sweep that
 * this function arms for the next reminder.
 * @returns when the next reminder is due; null if none waits
 */
export async function run(): Promise<Date | null> {
  const due = await Db.use()
    .select({ taskId: taskAssignments.taskId, userId: taskAssignments.userId })
    .from(taskAssignments)
    .where(isDue())
    .orderBy(asc(taskAssignments.remindAt))
    .limit(AT_ONCE);
  for (const [taskId, people] of Map.groupBy(due, (one) => one.taskId)) {
    const userIds = people.map(({ userId }) => userId);
    try {
      await Db.transaction(() => remind(taskId, userIds));
    } catch (error) {
      Log.error("the people of a task could not be reminded", error, { task_id: taskId });
    }
  }
  const [next] = await Db.use()
    .select({ at: min(taskAssignments.remindAt) })
    .from(taskAssignments)
    .where(isWaiting);
  return next?.at ?? null;
}

async function remind(taskId: string, userIds: readonly string[]): Promise<void> {
  const now = Clock.now();
  await lockAccounts(userIds);
  const due = await Db.use()
    .select({
      id: taskAssignments.id,
      userId: taskAssignments.userId,
      startsAt: tasks.startsAt,
      hiddenAt: tasks.hiddenAt,
    })
    .from(taskAssignments)
    .innerJoin(tasks, eq(tasks.id, taskAssignments.taskId))
    .where(and(eq(taskAssignments.taskId, taskId), inArray(taskAssignments.userId, [...userIds]), isDue()))
    .for("update", { of: taskAssignments, skipLocked: true });
  const [first] = due;
  if (!first) return;
  const { startsAt, hiddenAt } = first;
  await Db.use()
    .update(taskAssignments)
    .set({ remindAt: nextReminderAt(startsAt, now) })
    .where(
      inArray(
        taskAssignments.id,
        due.map(({ id }) => id),
      ),
    );
  const kind = startsAt === null || hiddenAt !== null ? undefined : dueReminder(startsAt, now);
  if (kind === undefined) return;
  await notify(
    due.map(({ userId }) => userId),
    { kind, actorId: null, taskId },
  );
}

/** Reschedules the reminders of a task's members after its starting time has changed. */
export async function reschedule(taskId: string, startsAt: Date | null): Promise<void> {
  await Db.use()
    .update(taskAssignments)
    .set({ remindAt: nextReminderAt(startsAt, Clock.now()) })
    .where(and(eq(taskAssignments.taskId, taskId), isNull(taskAssignments.endedAt)));
}

export * as Reminders from "./reminders.ts";
