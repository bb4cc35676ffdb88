import { and, eq, gt, ne } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { Clock } from "../clock.ts";
import { newestFirst } from "../db/columns.ts";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import { Id } from "../id.ts";

const DAY_MS = 86_400_000;

interface Daily {
  /** The id column of the limited table, which has an index on owner and id. */
  readonly id: PgColumn;
  readonly owner: PgColumn;
  /**
   * The id of the new row, which is not counted. Only needed if the row is inserted in the same round trip as this
   * check.
   */
  readonly newId?: string;
  readonly limit: number;
  /** The rows in the plural, for the detail of the error. */
  readonly things: string;
}

/**
 * Rejects a further row of a member who has created `limit` rows in the last 24 hours. Reads one row, the `limit`-th
 * newest, whose id (UUID v7) contains its time. Concurrent requests can exceed the limit by their number, which is
 * acceptable: the limit keeps the database from being filled, and is not a rule of the domain.
 * @throws AppError RATE_LIMITED until the oldest of the rows is a day old
 */
export async function assertBelow({ id, owner, newId, limit, things }: Daily, userId: string): Promise<void> {
  const [row] = await Db.use()
    .select({ id })
    .from(id.table)
    .where(and(eq(owner, userId), gt(id, firstId()), newId === undefined ? undefined : ne(id, newId)))
    .orderBy(newestFirst(id))
    .offset(limit - 1)
    .limit(1);
  if (row) throw exceeded(String(row.id), limit, things);
}

/** The smallest id of the last 24 hours, for statements that check the limit themselves. */
export const firstId = (): string => Id.firstOf(Clock.now().getTime() - DAY_MS);

/** @param oldestId the oldest of the rows that use up the limit */
export function exceeded(oldestId: string, limit: number, things: string): AppError {
  const waitMs = Id.timeOf(oldestId) + DAY_MS - Clock.now().getTime();
  return new AppError("RATE_LIMITED", {
    detail: `A member can make at most ${limit} ${things} in 24 hours.`,
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
  });
}

export * as Daily from "./daily.ts";
