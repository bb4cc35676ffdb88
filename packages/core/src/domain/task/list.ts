import { and, eq, isNull, lt, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import * as v from "valibot";
import { Cache } from "../../platform/cache/index.ts";
import { newestFirst } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { columnsWithSkills, hasPlaceOf, toInfo } from "./row.ts";
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
  return Cache.list("tasks", { ...input }, () => Db.onReader(() => read(input), "tasks"));
}

/** Invalidates the lists of tasks once the current transaction has committed. */
export function invalidateLists(): Promise<void> {
  return Cache.invalidate("tasks");
}

async function read(input: Filter): Promise<string> {
  const { cursor, limit, ...filters } = input;
  const rows = await statementFor(input).execute({ ...filters, last: cursor?.[0], limit: limit + 1 });
  return paging.text(
    rows,
    limit,
    (row) => [row.id],
    (row) => toInfo(row, row.skillIds),
  );
}

const value = (name: keyof Filter | "last") => sql.placeholder(name);
/** The condition of each filter that may be set. */
const CONDITIONS = {
  status: eq(tasks.status, value("status")),
  difficulty: eq(tasks.difficulty, value("difficulty")),
  creator: eq(tasks.creatorId, value("creator")),
  assignee: hasPlaceOf(value("assignee")),
  q: sql`${tasks.search} @@ websearch_to_tsquery('simple', ${value("q")})`,
};

const FILTERS = ["status", "difficulty", "creator", "assignee", "q"] as const;

/** One statement for each set of filters, at most 128: to build its text took a fifth of the time of a list. */
const statements = new Map<string, ReturnType<typeof prepare>>();

function statementFor(input: Filter): ReturnType<typeof prepare> {
  const given = ([...FILTERS, "skill", "cursor"] as const).filter((name) => input[name] !== undefined);
  const made = statements.get(String(given)) ?? prepare(input);
  statements.set(String(given), made);
  return made;
}

function prepare(input: Filter) {
  const where = [
    isNull(tasks.hiddenAt),
    ...FILTERS.flatMap((name) => (input[name] === undefined ? [] : CONDITIONS[name])),
  ];
  const isAfter = (id: PgColumn) => (input.cursor === undefined ? undefined : lt(id, value("last")));
  const query =
    input.skill === undefined
      ? Db.use()
          .select(columnsWithSkills)
          .from(tasks)
          .where(and(...where, isAfter(tasks.id)))
          .orderBy(newestFirst(tasks.id))
      : // Starts from the index of skills, which has the tasks of one skill in the order of the list.
        Db.use()
          .select(columnsWithSkills)
          .from(taskSkills)
          .innerJoin(tasks, eq(tasks.id, taskSkills.taskId))
          .where(and(...where, eq(taskSkills.skillId, value("skill")), isAfter(taskSkills.taskId)))
          .orderBy(newestFirst(taskSkills.taskId));
  return query.limit(value("limit")).prepare("tasks");
}
