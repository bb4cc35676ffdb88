import { type SQL, lt, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import * as v from "valibot";
import { Input } from "./input.ts";
import { Page } from "./page.ts";
import { newestFirst } from "./db/columns.ts";

/**
 * A timestamp with microseconds, as PostgreSQL stores it. A cursor with the milliseconds of a `Date` would skip or
 * repeat rows that changed in the same millisecond.
 */
export const Instant = v.pipe(Input.timestamp, v.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/));

type Keys = readonly [id: string] | readonly [id: string, changedAt: string];
interface Query {
  readonly cursor?: Keys | undefined;
  readonly updated_since?: string | undefined;
}

/**
 * The order of a list: newest first by default; with `updated_since`, the rows that changed since then, the earliest
 * change first. A client that keeps a copy of the list thus reads only the changed rows, and also gets rows that change
 * while it reads.
 * @returns the order, the condition for the rows of the page, and the column `changedAt` for the cursor
 * @throws AppError VALIDATION_FAILED for a cursor of the other order
 */
export function order(
  { cursor, updated_since }: Query,
  id: PgColumn,
  updatedAt: PgColumn,
): { where: SQL | undefined; orderBy: readonly SQL[]; changedAt: SQL<string | null> } {
  const [lastId, lastChange] = cursor ?? [];
  if (cursor && (lastChange === undefined) !== (updated_since === undefined)) throw Page.cursorOfOtherOrder();
  if (updated_since === undefined)
    return {
      where: lastId === undefined ? undefined : lt(id, lastId),
      orderBy: [newestFirst(id)],
      changedAt: sql<null>`null`,
    };
  return {
    where:
      cursor === undefined
        ? sql`${updatedAt} >= ${updated_since}::timestamptz`
        : sql`(${updatedAt}, ${id}) > (${lastChange}::timestamptz, ${lastId}::uuid)`,
    orderBy: [sql`${updatedAt}`, sql`${id}`],
    changedAt: sql<string>`to_char(${updatedAt} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  };
}

/**
 * Keyset pagination of a list with the two orders of {@link order}.
 * @param list the name of the list, which every cursor contains
 */
export function paging(list: string) {
  const both = Page.paging(list, v.union([v.strictTuple([Input.uuid]), v.strictTuple([Input.uuid, Instant])]));
  return {
    /** The query parameters of a list with two orders. */
    query: { ...both.query, updated_since: v.optional(Input.timestamp) },
    page<Row extends { readonly id: string; readonly changedAt: string | null }, T>(
      rows: readonly Row[],
      limit: number,
      toInfo: (row: Row) => T,
    ): Page.Page<T> {
      return both.page(rows, limit, ({ id, changedAt }) => (changedAt === null ? [id] : [id, changedAt]), toInfo);
    },
  };
}

export * as Changes from "./changes.ts";
