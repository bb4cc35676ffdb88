import { drizzle } from "drizzle-orm/pg-proxy";
import type postgres from "postgres";
import { causesOf } from "../causes.ts";
import { Metrics } from "../metrics/index.ts";
import { type Runner, closePool, endsSession, onPool, retryStale } from "./pool.ts";
import type { Committed, Session } from "./scope.ts";
import { closeReplica, hasReader, replica } from "./replica.ts";
import { assertUsable } from "./session.ts";
import { currentScope, transaction } from "./transaction.ts";

export { type Pool, usePool } from "./pool.ts";
export { shareThrough } from "./shared.ts";
export { afterCommit, hasScope, isInTransaction, outside, transaction, unitOfWork } from "./transaction.ts";

let observer: ((text: string, params: readonly unknown[]) => void) | undefined;

/**
 * Calls `see` with every query before the query is sent, so that a test can check its plan (`EXPLAIN`).
 * @returns a function that removes the observer
 */
export function watch(see: (text: string, params: readonly unknown[]) => void): () => void {
  observer = see;
  return () => {
    observer = undefined;
  };
}

const orm = drizzle(async (text, params, method) => ({
  rows: [...(await run(text, params, method === "all" ? "values" : "rows"))],
}));

/** The query builder. Its queries run in the current transaction, or outside a transaction on any connection of the pool. */
export function use(): typeof orm {
  return orm;
}

/**
 * Runs `work`, and may send its `select` statements to a read replica (`DATABASE_READER_URL`). A replica is used only
 * if it shows everything that the current member has written, in any process, and every change for which `lists` was
 * invalidated. The primary database answers if there is no replica, if the replica lags or fails, and inside a
 * transaction or a unit of work. If `work` does not find a row on the replica, `work` is repeated on the primary
 * database.
 * @param lists the namespace of a list that is cached for all members ({@link Cache.invalidate})
 */
export async function onReader<T>(work: () => Promise<T>, lists?: string): Promise<T> {
  if (currentScope() || !hasReader()) return work();
  return (await replica()).read(work, lists);
}

/**
 * Called before lists are invalidated. Afterwards the lists are loaded from a replica only if it shows the transaction
 * that changed them.
 */
export async function noteLists(lists: string, committed: Committed): Promise<void> {
  if (hasReader()) await (await replica()).noteLists(lists, committed, send);
}

export type Parameters = postgres.ParameterOrJSON<never>[];

/**
 * Runs a statement on the same connection as {@link use} would. The types of the rows are not checked; the caller declares them, as with
 * drizzle's `sql<Row>`.
 * @param as rows by column name, or plain values in column order
 */
export function run<Row>(text: string, params: Parameters, as: "rows" | "values"): Promise<readonly Row[]>;
export async function run(text: string, params: Parameters, as: "rows" | "values"): Promise<readonly unknown[]> {
  const scope = currentScope();
  if (scope?.kind === "transaction") return send(text, params, as, scope.session);
  if (scope === undefined && hasReader()) {
    observer?.(text, params);
    return (await replica()).runOutside(text, params, as, send);
  }
  if (scope?.kind !== "unit") return send(text, params, as);
  // Runs a write in a savepoint, since a failing statement must not abort the transaction of the unit. The savepoint
  // begins that transaction if none has begun.
  if (!/^\s*select\b/i.test(text)) return transaction(() => run(text, params, as));
  return scope.unit.beginning ? send(text, params, as, await scope.begin()) : send(text, params, as);
}

async function send(text: string, params: Parameters, as: "rows" | "values", session?: Session) {
  observer?.(text, params);
  if (session) assertUsable(session);
  const startedAt = performance.now();
  if (!session) Metrics.shift("db_connections_active", 1);
  try {
    const on = (runner: Runner) => runner.run(text, params, as);
    return await retryStale(() => (session ? on(session.sql) : onPool(on)));
  } catch (error) {
    if (session && endsSession(error)) session.isLost = true;
    throw error;
  } finally {
    if (!session) Metrics.shift("db_connections_active", -1);
    Metrics.observe("db_query_duration_seconds", (performance.now() - startedAt) / 1000);
  }
}

/** Closes all connections; the next query opens new ones. */
export async function close(): Promise<void> {
  const { closeProbe } = await import("./probe.ts"); // loaded lazily, since only servers with health checks need it
  await Promise.all([closePool(), closeProbe(), closeReplica()]);
}

/** The name of the constraint or unique index that an insert or update violated; undefined for other errors. */
export function brokenConstraint(error: unknown): string | undefined {
  for (const cause of causesOf(error))
    if ("constraint_name" in cause && typeof cause.constraint_name === "string") return cause.constraint_name;
  return undefined;
}

/**
 * The row of a statement that returns exactly one row, such as an insert with `returning()`.
 * @throws Error when there is no row, which is a bug
 */
export function only<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new Error("a statement that must return a row returned none");
  return row;
}

export * as Db from "./database.ts";
