import { type SQL, lt, sql } from "drizzle-orm";
import { newestFirst } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { Search } from "../../platform/search.ts";
import { tasks } from "./task.sql.ts";

/**
 * Number of tasks that a search compares one by one before it uses the full-text index: takes a tenth of a second for the
 * longest query.
 */
const WINDOW = 2_000;

/** Condition for tasks that contain the words of a query, see {@link Search.query}. */
export const matching = (q: string): SQL => sql`${tasks.search} @@ to_tsquery('simple', ${Search.query(q)})`;

/** Condition for tasks whose title or place is similar to the query. */
export const similar = (q: string): SQL => sql`${Search.plain(q)} <% task_names(${tasks.title}, ${tasks.location})`;

/**
 * The id of the last task of the search window: the newest tasks, or those that follow `lastId`, in the order of the
 * list.
 * @returns undefined when no tasks follow the window
 */
export async function lastOfWindow(lastId: string | undefined): Promise<string | undefined> {
  const [row] = await Db.use()
    .select({ id: tasks.id })
    .from(tasks)
    .where(lastId === undefined ? undefined : lt(tasks.id, lastId))
    .orderBy(newestFirst(tasks.id))
    .offset(WINDOW)
    .limit(1);
  return row?.id;
}

export * as Words from "./words.ts";
