import { type SQL, sql } from "drizzle-orm";
import { Search } from "../../platform/search.ts";
import { tasks } from "./task.sql.ts";

/** Tasks that a search compares one by one before it asks the index of words. */
const NEWEST = 500;

/** Tasks with the words of a query, see {@link Search.query}. */
export const matching = (q: string): SQL => sql`${tasks.search} @@ to_tsquery('simple', ${Search.query(q)})`;

/** Titles and places that contain almost what was asked for. */
export const similar = (q: string): SQL => sql`${Search.plain(q)} <% task_names(${tasks.title}, ${tasks.location})`;

/** The newest tasks, or those that follow the last one of a page. */
export function amongNewest(lastId: string | undefined): SQL {
  const before = lastId === undefined ? sql`` : sql`where ${tasks.id} < ${lastId}`;
  const oldest = sql`select ${tasks.id} from ${tasks} ${before} order by ${tasks.id} desc nulls last offset ${NEWEST} limit 1`;
  return sql`${tasks.id} >= coalesce((${oldest}), '00000000-0000-0000-0000-000000000000')`;
}

export * as Words from "./words.ts";
