import { type SQL, and, isNull, sql } from "drizzle-orm";
import * as v from "valibot";
import { Cache } from "../../platform/cache/index.ts";
import { newestFirst } from "../../platform/db/columns.ts";
import { Db, batchPerTick, statement } from "../../platform/db/index.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { hasPlaceOf, infoText } from "./row.ts";
import { DIFFICULTIES, TASK_STATUSES, taskSkills, tasks } from "./task.sql.ts";

const paging = Page.paging("tasks", v.tuple([Input.uuid]));

export const ListQuery = v.strictObject({
  ...paging.query,
  status: v.optional(Input.oneOf(TASK_STATUSES)),
  difficulty: v.optional(Input.oneOf(DIFFICULTIES)),
  /** The id of a required skill. */
  skill: v.optional(Input.uuid),
  creator: v.optional(Input.uuid),
  assignee: v.optional(Input.uuid),
  /** Words that must occur in title, description or location; `"a phrase"`, `or` and `-without` work. */
  q: v.optional(Input.text(1, 200)),
});

type Filter = v.InferOutput<typeof ListQuery>;

/**
 * Tasks that match all filters, newest first: a page as a JSON string. Cached for a minute, or until a task changes.
 */
export function listNewest(input: Filter): Promise<string> {
  return Cache.list("tasks", { ...input }, () => Db.onReader(() => read(input), "tasks"));
}

async function read({ cursor, limit, ...filters }: Filter): Promise<string> {
  const given = FILTERS.filter((name) => filters[name] !== undefined);
  const names = `${given.join(" ")}${cursor === undefined ? "" : " cursor"}`;
  const ask = readers.get(names) ?? reader(given, cursor !== undefined);
  readers.set(names, ask);
  return ask({ ...filters, last: cursor?.[0], limit });
}

const FILTERS = ["status", "difficulty", "skill", "creator", "assignee", "q"] as const;
type FilterName = (typeof FILTERS)[number];

/** The parameters of one page. */
type Question = Pick<Filter, FilterName | "limit"> & { readonly last: string | undefined };

/** One reader for each combination of the six filters and `isAfter`: at most 128. */
const readers = new Map<string, (question: Question) => Promise<string>>();

/** Separates ids from items in a row; this character occurs neither in ids nor in JSON. */
const SEPARATOR = "\u001E";
const separator = sql.raw(String.raw`U&'\001E'`);
type Row = readonly [index: number, ids: string | null, items: string | null];

/**
 * Builds the function that reads pages with these filters. Without a filter, one statement reads all pages that are
 * requested in one tick of the event loop. With a filter, each page has a statement of its own: only if PostgreSQL
 * knows the filter's value can it choose between the filter's index and the index of the order. With a rare value, the
 * wrong index would cost a scan of all tasks.
 */
function reader(given: readonly FilterName[], isAfter: boolean): (question: Question) => Promise<string> {
  if (given.length > 0) {
    const page = statement<Row>(() => pageOf(given, isAfter));
    return async ({ limit, ...question }) => toText((await page({ ...question, rows: limit + 1 }))[0], limit);
  }
  const pages = statement<Row>(() => pagesOf(isAfter));
  return batchPerTick(async (questions: readonly Question[]) => {
    const [last, rows] = [questions.map((each) => each.last), questions.map(({ limit }) => limit + 1)];
    const found = await pages({ last: `{${last.join(",")}}`, rows: `{${rows.join(",")}}` });
    const byIndex = new Map(found.map((row) => [row[0], row]));
    return questions.map(({ limit }, index) => toText(byIndex.get(index + 1), limit));
  });
}

function toText(row: Row | undefined, limit: number): string {
  const [, ids, items] = row ?? [];
  return paging.joined(ids?.split(SEPARATOR) ?? [], items?.split(SEPARATOR) ?? [], limit);
}

const value = (name: FilterName | "last" | "rows") => sql.placeholder(name);
/** The condition of each filter. */
const CONDITIONS: Readonly<Record<FilterName, SQL>> = {
  status: sql`${tasks.status} = ${value("status")}`,
  difficulty: sql`${tasks.difficulty} = ${value("difficulty")}`,
  skill: sql`${taskSkills.skillId} = ${value("skill")}::uuid`,
  creator: sql`${tasks.creatorId} = ${value("creator")}::uuid`,
  assignee: hasPlaceOf(sql`${value("assignee")}::uuid`),
  q: sql`${tasks.search} @@ websearch_to_tsquery('simple', ${value("q")})`,
};

const joined = sql`
  string_agg(page.id::text, ${separator} order by page.id desc),
  string_agg(page.item, ${separator} order by page.id desc)`;

function pageOf(given: readonly FilterName[], isAfter: boolean): SQL {
  // A list with a skill starts from the index of skills, which contains the tasks of one skill in the order of the
  // list.
  const [from, id] = given.includes("skill")
    ? [sql`${taskSkills} join ${tasks} on ${tasks.id} = ${taskSkills.taskId}`, taskSkills.taskId]
    : [sql`${tasks}`, tasks.id];
  const where = given.map((name) => CONDITIONS[name]);
  if (isAfter) where.push(sql`${id} < ${value("last")}::uuid`);
  return sql`
    select 1, ${joined} from (
      select ${tasks.id} as id, ${infoText} as item from ${from} where ${and(isNull(tasks.hiddenAt), ...where)}
      order by ${newestFirst(id)} limit ${value("rows")}::int
    ) page`;
}

/**
 * Each parameter is in a subquery, so that the planner does not see the length of the array. For a known length it would
 * estimate a lower cost, and plan the statement again at each execution: 1.2 ms for a page that takes 2 ms.
 */
function pagesOf(isAfter: boolean): SQL {
  const [rows, last] = [sql`(select ${value("rows")}::int[])`, sql`(select ${value("last")}::uuid[])`];
  const [asked, after] = isAfter
    ? [sql`unnest(${rows}, ${last}) with ordinality asked (rows, last, n)`, sql`and ${tasks.id} < asked.last`]
    : [sql`unnest(${rows}) with ordinality asked (rows, n)`, sql``];
  return sql`
    select asked.n::int, ${joined} from ${asked} join lateral (
      select ${tasks.id} as id, ${infoText} as item from ${tasks} where ${isNull(tasks.hiddenAt)} ${after}
      order by ${newestFirst(tasks.id)} limit asked.rows
    ) page on true
    group by asked.n`;
}
