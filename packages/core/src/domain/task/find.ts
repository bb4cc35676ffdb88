import { type SQL, and, eq, exists, isNull, sql } from "drizzle-orm";
import * as v from "valibot";
import { Changes } from "../../platform/changes.ts";
import { anyOf, optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { Search } from "../../platform/search.ts";
import { around, shownKm } from "./place.ts";
import { columnsWithSkills, hasPlaceOf, toInfo } from "./row.ts";
import { type DIFFICULTIES, type TASK_STATUSES, taskSkills, tasks } from "./task.sql.ts";

/** The most entries of a list by distance: each page reads all nearer places again. */
const NEAREST_MAX = 500;
/** From how similar a title or place is a typing error of what was asked for; PostgreSQL's default is 0.6. */
const SIMILARITY = 0.45;

const Number17 = v.pipe(Input.string(), v.regex(/^\d(\.\d{1,20})?(e-\d{1,3})?$/));
const Count = v.pipe(Input.string(), v.regex(/^\d{1,3}$/));
/** The sort keys of each order. */
const Keys = v.union([
  v.strictTuple([Input.uuid]),
  v.strictTuple([Input.uuid, Changes.Instant]),
  v.strictTuple([Input.uuid, v.literal("similar")]),
  v.strictTuple([Input.uuid, v.literal("near"), Number17, Count]),
]);
export const finding = Page.paging("tasks", Keys);

export interface Find {
  readonly limit: number;
  readonly cursor?: v.InferOutput<typeof Keys> | undefined;
  readonly status?: readonly (typeof TASK_STATUSES)[number][] | undefined;
  readonly difficulty?: readonly (typeof DIFFICULTIES)[number][] | undefined;
  readonly skill?: string | undefined;
  readonly creator?: string | undefined;
  readonly assignee?: string | undefined;
  readonly q?: string | undefined;
  readonly updated_since?: string | undefined;
  readonly near?: { readonly lat: number; readonly lon: number; readonly radius_km: number } | undefined;
}

/** A page of tasks in any order and with any filters, as JSON text. */
export async function find(input: Find): Promise<string> {
  if (input.near !== undefined) return nearest(input, input.near);
  const isContinued = input.cursor !== undefined;
  if (input.cursor?.[1] === "similar") return inOrder(input, [similar(input.q ?? "")], "similar");
  const page = await inOrder(input, [matching(input.q)]);
  // No word matches: it may be mistyped.
  return page.startsWith('{"data":[]') && input.q !== undefined && !isContinued
    ? inOrder(input, [similar(input.q)], "similar")
    : page;
}

const matching = (q: string | undefined) =>
  optionalCondition(q, (text): SQL => sql`${tasks.search} @@ to_tsquery('simple', ${Search.query(text)})`);

/** Titles and places that contain almost what was asked for. */
const similar = (q: string): SQL => sql`${Search.plain(q)} <% task_names(${tasks.title}, ${tasks.location})`;

function filtersOf(input: Find): (SQL | undefined)[] {
  return [
    isNull(tasks.hiddenAt),
    anyOf(tasks.status, input.status),
    anyOf(tasks.difficulty, input.difficulty),
    optionalCondition(input.creator, (id) => eq(tasks.creatorId, id)),
    optionalCondition(input.assignee, (id) => hasPlaceOf(sql`${id}`)),
    optionalCondition(input.skill, (id) =>
      exists(
        Db.use()
          .select({ one: sql`1` })
          .from(taskSkills)
          .where(and(eq(taskSkills.taskId, tasks.id), eq(taskSkills.skillId, id))),
      ),
    ),
  ];
}

/** Newest first, or in the order of the last changes. */
async function inOrder(input: Find, also: readonly (SQL | undefined)[], mark?: "similar"): Promise<string> {
  const [id, second] = input.cursor ?? [];
  const cursor =
    id === undefined ? undefined : second === undefined || mark ? ([id] as const) : ([id, second] as const);
  const { where, orderBy, changedAt } = Changes.order({ ...input, cursor }, tasks.id, tasks.updatedAt);
  const read = () =>
    Db.use()
      .select({ ...columnsWithSkills, changedAt })
      .from(tasks)
      .where(and(...filtersOf(input), ...also, where))
      .orderBy(...orderBy)
      .limit(input.limit + 1);
  const rows = mark ? await withSimilarity(read) : await read();
  return finding.text(
    rows,
    input.limit,
    (row) => (mark ? [row.id, mark] : row.changedAt === null ? [row.id] : [row.id, row.changedAt]),
    (row) => toInfo(row, row.skillIds),
  );
}

/** Runs `read` with our threshold of `<%`, which is a setting of the transaction. */
async function withSimilarity<T>(read: () => PromiseLike<T>): Promise<T> {
  return Db.transaction(async () => {
    await Db.use().execute(sql`select set_config('pg_trgm.word_similarity_threshold', ${String(SIMILARITY)}, true)`);
    const rows = await read(); // inside of the transaction: drizzle sends a query when it is awaited
    return rows;
  });
}

/** By distance, nearest first. */
async function nearest(input: Find, near: NonNullable<Find["near"]>): Promise<string> {
  const { chord, isInside } = around(near, near.radius_km);
  const [lastId, mark, lastChord = "0", seenBefore = "0"] = input.cursor ?? [];
  const seen = Number(seenBefore);
  const limit = Math.min(input.limit, NEAREST_MAX - seen);
  const isAfter = mark === "near" ? sql`(${chord}, ${tasks.id}) > (${lastChord}::float8, ${lastId}::uuid)` : undefined;
  const changed = optionalCondition(
    input.updated_since,
    (since): SQL => sql`${tasks.updatedAt} >= ${since}::timestamptz`,
  );
  const rows = await Db.use()
    .select({ ...columnsWithSkills, chord })
    .from(tasks)
    .where(and(...filtersOf(input), matching(input.q), changed, isInside, isAfter))
    .orderBy(chord, tasks.id)
    .limit(limit + (seen + limit < NEAREST_MAX ? 1 : 0));
  let count = seen;
  return finding.text(
    rows,
    limit,
    (row) => [row.id, "near", String(row.chord), String(count)],
    (row) => {
      count += 1;
      return { ...toInfo(row, row.skillIds), distance_km: shownKm(row.chord) };
    },
  );
}
