import { and, eq, isNull, lt, sql } from "drizzle-orm";
import * as v from "valibot";
import { Cache } from "../../platform/cache/index.ts";
import { newestFirst, optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import type { Info } from "./schema.ts";
import { columns, skillIdsOfAll, toInfo } from "./row.ts";
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

/** Tasks that match all filters, newest first. Cached for a minute, or until a task changes. */
export function list(input: Filter): Promise<Page.Page<Info>> {
  return Cache.list("tasks", { ...input }, () => read(input));
}

/** Invalidates the lists of tasks once the current transaction has committed. */
export function invalidateLists(): Promise<void> {
  return Cache.invalidate("tasks");
}

async function read(input: Filter): Promise<Page.Page<Info>> {
  const where = and(
    isNull(tasks.hiddenAt),
    optionalCondition(input.status, (status) => eq(tasks.status, status)),
    optionalCondition(input.difficulty, (difficulty) => eq(tasks.difficulty, difficulty)),
    optionalCondition(input.creator, (creator) => eq(tasks.creatorId, creator)),
    optionalCondition(input.assignee, (assignee) => eq(tasks.assigneeId, assignee)),
    optionalCondition(input.q, (q) => sql`${tasks.search} @@ websearch_to_tsquery('simple', ${q})`),
  );
  const rows = await (input.skill === undefined
    ? Db.use()
        .select(columns)
        .from(tasks)
        .where(
          and(
            where,
            optionalCondition(input.cursor, ([last]) => lt(tasks.id, last)),
          ),
        )
        .orderBy(newestFirst(tasks.id))
        .limit(input.limit + 1)
    : // Starts from the index of skills, which has the tasks of one skill in the order of the list.
      Db.use()
        .select(columns)
        .from(taskSkills)
        .innerJoin(tasks, eq(tasks.id, taskSkills.taskId))
        .where(
          and(
            where,
            eq(taskSkills.skillId, input.skill),
            optionalCondition(input.cursor, ([last]) => lt(taskSkills.taskId, last)),
          ),
        )
        .orderBy(newestFirst(taskSkills.taskId))
        .limit(input.limit + 1));
  const skills = await skillIdsOfAll(rows.map((row) => row.id));
  return paging.page(
    rows,
    input.limit,
    (row) => [row.id],
    (row) => toInfo(row, skills.get(row.id) ?? []),
  );
}
