import { eq } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { invalidateLists } from "./list.ts";
import { makeNext } from "./repeat.ts";
import type { LockedTask } from "./row.ts";
import { CLEARED_LOCATION, ERASED_TASK, tasks } from "./task.sql.ts";

/**
 * Updates a task's row. Also erases its location if the task finishes after its creator's deletion, and creates the next task if it
 * repeats and is completed.
 */
export async function updateTask(
  { row: before, isOrphan }: LockedTask,
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
    .where(eq(tasks.id, before.id))
    .returning({ id: tasks.id });
  if (!row) throw new Error("the update returned nothing");
  if (values.status === "completed" && !isOrphan && before.hiddenAt === null) await makeNext(before);
  await invalidateLists();
}
