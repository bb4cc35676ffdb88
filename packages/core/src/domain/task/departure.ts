import { and, eq, gt, inArray, isNull } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { notify } from "../notification/notify.ts";
import { lockForPlatform } from "./row.ts";
import { endAssignment, settle } from "./state.ts";
import { taskAssignments, tasks } from "./task.sql.ts";

/**
 * Runs before a member's account is deleted, in the same transaction. Releases the member's places in tasks for several
 * people. Closes tasks for several people that the member created and that have assignees: the assignees continue
 * without the creator.
 */
export async function releaseAll(userId: string): Promise<void> {
  const places = await Db.use()
    .select({ id: tasks.id })
    .from(taskAssignments)
    .innerJoin(tasks, eq(tasks.id, taskAssignments.taskId))
    .where(and(eq(taskAssignments.userId, userId), isNull(taskAssignments.endedAt), gt(tasks.peopleNeeded, 1)))
    .orderBy(tasks.id);
  for (const { id } of places) {
    const task = await lockForPlatform(id);
    await endAssignment(id, "unassigned", userId);
    await notify([task.row.creatorId], { kind: "task_given_back", actorId: null, taskId: id });
    await settle(task);
  }
  const own = await Db.use()
    .select({ id: tasks.id })
    .from(tasks)
    .where(
      and(
        eq(tasks.creatorId, userId),
        inArray(tasks.status, ["open", "assigned", "in_progress"]),
        gt(tasks.placesTaken, 0),
      ),
    )
    .orderBy(tasks.id);
  for (const { id } of own) await settle(await lockForPlatform(id), Clock.now());
}
