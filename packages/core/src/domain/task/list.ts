import { type SQL, and, isNull, sql } from "drizzle-orm";
import * as v from "valibot";
import { Cache } from "../../platform/cache/index.ts";
import { newestFirst } from "../../platform/db/columns.ts";
import { perTurn, statement } from "../../platform/db/index.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { infoText } from "./row.ts";
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
 * Tasks that match all filters, newest first: a page as JSON text. Cached for a minute, or until a task changes.
 */
export function list(input: Filter): Promise<string> {
  return Cache.list("tasks", { ...input }, () => read(input));
}

/** Invalidates the lists of tasks once the current transaction has committed. */
export function invalidateLists(): Promise<void> {
  return Cache.invalidate("tasks");
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

/** A question for one page. */
type Question = Pick<Filter, FilterName | "limit"> & { readonly last: string | undefined };

/** One for each set of filters, at most 128. */
const readers = new Map<string, (question: Question) => Promise<string>>();

/** No character of an id or of JSON. */
const SEPARATOR = "\u001E";
type Row = readonly [index: number, ids: string | null, items: string | null];

/**
 * Reads pages with these filters: those that requests of one turn of the event loop ask for with one statement, but each
 * search alone, since it takes as long as its words are common.
 */
function reader(given: readonly FilterName[], isAfter: boolean): (question: Question) => Promise<string> {
  const pages = statement<Row>(() => pagesOf(given, isAfter));
  const read = async (questions: readonly Question[]) => {
    const asked = JSON.stringify(questions.map((question, n) => ({ n, ...question, rows: question.limit + 1 })));
    const rows = new Map((await pages({ asked })).map((row) => [row[0], row]));
    return questions.map(({ limit }, n) => {
      const [, ids, items] = rows.get(n) ?? [];
      return paging.joined(ids?.split(SEPARATOR) ?? [], items?.split(SEPARATOR) ?? [], limit);
    });
  };
  return given.includes("q") ? async (question) => (await read([question]))[0] ?? "" : perTurn(read);
}

/** The condition of each filter; `asked` has its values. */
const CONDITIONS: Readonly<Record<FilterName, SQL>> = {
  status: sql`${tasks.status} = asked.status`,
  difficulty: sql`${tasks.difficulty} = asked.difficulty`,
  skill: sql`${taskSkills.skillId} = asked.skill`,
  creator: sql`${tasks.creatorId} = asked.creator`,
  assignee: sql`${tasks.assigneeId} = asked.assignee`,
  q: sql`${tasks.search} @@ websearch_to_tsquery('simple', asked.q)`,
};

function pagesOf(given: readonly FilterName[], isAfter: boolean): SQL {
  // With a skill it starts from the index of skills, which has the tasks of one skill in the order of the list.
  const [from, id] = given.includes("skill")
    ? [sql`${taskSkills} join ${tasks} on ${tasks.id} = ${taskSkills.taskId}`, taskSkills.taskId]
    : [sql`${tasks}`, tasks.id];
  const where = [
    isNull(tasks.hiddenAt),
    ...given.map((name) => CONDITIONS[name]),
    isAfter ? sql`${id} < asked.last` : undefined,
  ];
  return sql`
    select asked.n, string_agg(page.id::text, ${sql.raw(`U&'\\001E'`)} order by page.id desc),
      string_agg(page.item, ${sql.raw(`U&'\\001E'`)} order by page.id desc)
    from json_to_recordset(${sql.placeholder("asked")}::json)
      as asked(n int, rows int, last uuid, status text, difficulty text, skill uuid, creator uuid, assignee uuid, q text)
    join lateral (
      select ${tasks.id} as id, ${infoText} as item from ${from} where ${and(...where)}
      order by ${newestFirst(id)} limit asked.rows
    ) page on true
    group by asked.n`;
}
