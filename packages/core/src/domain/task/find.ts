import { type SQL, and, eq, exists, gte, isNull, sql } from "drizzle-orm";
import * as v from "valibot";
import { Changes } from "../../platform/changes.ts";
import { anyOf, byIndex, optionalCondition } from "../../platform/db/columns.ts";
import { Db, withSettings } from "../../platform/db/index.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { Search } from "../../platform/search.ts";
import { around, shownKm } from "./coordinates.ts";
import { columnsWithSkills, hasPlaceOf, toInfo } from "./row.ts";
import { Words } from "./words.ts";
import { type DIFFICULTIES, type TASK_STATUSES, taskSkills, tasks } from "./task.sql.ts";

/** Maximum number of tasks in a list by distance, over all its pages: each page reads all nearer tasks again. */
const NEAREST_MAX = 500;
/**
 * Makes PostgreSQL read tasks in the order of the index (0.7 ms). Otherwise the planner, which expects 1 in 1,000 tasks
 * inside any radius, sorts all 50,000 tasks that are inside (2,100 ms).
 */
const ORDERED_BY_INDEX = { enable_sort: "off" };
/** Similarity from which a title or place counts as a match for a mistyped query; PostgreSQL's default is 0.6. */
const SIMILAR = { "pg_trgm.word_similarity_threshold": "0.45" };

/**
 * A distance as JavaScript formats it, with an exponent of at most two digits: PostgreSQL rejects `1e-999`, which is
 * too small for a double.
 */
const Number17 = v.pipe(Input.string(), v.regex(/^\d(\.\d{1,20})?(e-\d{1,2})?$/));
const Count = v.pipe(Input.string(), v.regex(/^\d{1,3}$/));
/** The cursor's sort keys, by order of the list. */
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

/**
 * Rejects a cursor from a list in another order than the order of the list with these filters.
 * @throws AppError VALIDATION_FAILED
 */
export function assertOfThisOrder({
  cursor,
  near,
  updated_since,
  q,
}: Pick<Find, "cursor" | "updated_since" | "q"> & { readonly near?: object | undefined }): void {
  if (cursor === undefined) return;
  const [, mark] = cursor;
  const fits =
    near !== undefined
      ? mark === "near"
      : updated_since !== undefined
        ? mark !== undefined && mark !== "near" && mark !== "similar"
        : mark === undefined || (mark === "similar" && q !== undefined);
  if (!fits) throw Page.cursorOfOtherOrder();
}

/** A page of tasks in any order and with any filters, as a JSON string. */
export async function find(input: Find): Promise<string> {
  if (input.near !== undefined) return nearest(input, input.near);
  const { q, cursor } = input;
  if (cursor?.[1] === "similar") return similarPage(input, q ?? "");
  if (q === undefined) return inOrder(input, read);
  const page = await inOrder(input, (where) => searched(input, where, Words.matching(q)));
  // If no word matches, the query may be mistyped, so similar words are searched. Not for a query without any letter or
  // digit, which resembles nothing, and not with `updated_since`, by which clients keep exact copies.
  const mayBeMistyped =
    page.startsWith('{"data":[]') &&
    cursor === undefined &&
    input.updated_since === undefined &&
    Search.plain(q) !== "";
  return mayBeMistyped ? similarPage(input, q) : page;
}

const similarPage = (input: Find, q: string) =>
  inOrder(
    input,
    (where) => withSettings(SIMILAR, () => read({ ...where, also: [byIndex(tasks.id, Words.similar(q))] })),
    "similar",
  );

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

interface Where {
  readonly conditions: readonly (SQL | undefined)[];
  readonly also?: readonly SQL[];
  readonly orderBy: readonly SQL[];
  readonly changedAt: SQL<string | null>;
  readonly limit: number;
}

const read = ({ conditions, also = [], orderBy, changedAt, limit }: Where) =>
  Db.use()
    .select({ ...columnsWithSkills, changedAt })
    .from(tasks)
    .where(and(...conditions, ...also))
    .orderBy(...orderBy)
    .limit(limit + 1);

/**
 * Searches in two steps. For a common word, the newest tasks fill a page, so they are compared one by one. For a rare word, the
 * full-text index finds the few matches: for words that do not occur, the planner alone would compare all tasks (4 s for 60,000 tasks
 * and 200 characters).
 */
async function searched(input: Find, where: Where, matches: SQL) {
  if (input.updated_since === undefined) {
    const last = await Words.lastOfWindow(input.cursor?.[0]);
    const inWindow = await read({ ...where, also: [matches, ...(last === undefined ? [] : [gte(tasks.id, last)])] });
    if (last === undefined || inWindow.length > where.limit) return inWindow;
  }
  return withSettings({ enable_seqscan: "off" }, () => read({ ...where, also: [byIndex(tasks.id, matches)] }));
}

/** A page in the list's order: newest first, or by last change. */
async function inOrder(
  input: Find,
  rowsOf: (where: Where) => PromiseLike<Awaited<ReturnType<typeof read>>>,
  mark?: "similar",
): Promise<string> {
  const [id, second] = input.cursor ?? [];
  const cursor =
    id === undefined ? undefined : second === undefined || mark ? ([id] as const) : ([id, second] as const);
  const { where, orderBy, changedAt } = Changes.order({ ...input, cursor }, tasks.id, tasks.updatedAt);
  const rows = await rowsOf({ conditions: [...filtersOf(input), where], orderBy, changedAt, limit: input.limit });
  return finding.text(
    rows,
    input.limit,
    (row) => (mark ? [row.id, mark] : row.changedAt === null ? [row.id] : [row.id, row.changedAt]),
    (row) => toInfo(row, row.skillIds),
  );
}

/** A page in the order of distance, nearest first. */
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
  const rows = await withSettings(ORDERED_BY_INDEX, () =>
    Db.use()
      .select({ ...columnsWithSkills, chord })
      .from(tasks)
      .where(
        and(
          ...filtersOf(input),
          optionalCondition(input.q, (q) => byIndex(tasks.id, Words.matching(q))),
          changed,
          isInside,
          isAfter,
        ),
      )
      .orderBy(chord, tasks.id)
      .limit(limit + (seen + limit < NEAREST_MAX ? 1 : 0)),
  );
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
