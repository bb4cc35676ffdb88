import { type SQL, lt, sql } from "drizzle-orm";
import { newestFirst } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { Search } from "../../platform/search.ts";
import { tasks } from "./task.sql.ts";

/** Tasks that a search compares one by one before it asks the index of words: a tenth of a second for the longest query. */
const WINDOW = 2_000;

/** Tasks with the words of a query, see {@link Search.query}. */
export const matching = (q: string): SQL => sql`${tasks.search} @@ to_tsquery('simple', ${Search.query(q)})`;

/** Titles and places that contain almost what was asked for. */
export const similar = (q: string): SQL => sql`${Search.plain(q)} <% task_names(${tasks.title}, ${tasks.location})`;

/**
 * The last of the newest tasks, or of those that follow `lastId`, in the order of the list.
 * @returns undefined when there are no more than these
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
