import { drizzle } from "drizzle-orm/pg-proxy";
import type postgres from "postgres";
import { causesOf } from "../causes.ts";
import { Metrics } from "../metrics/index.ts";
import { type Runner, closePool, endsSession, onPool, retryStale } from "./pool.ts";
import type { Committed, Session } from "./scope.ts";
import { assertUsable, closeReplica, currentScope, hasReader, replica, transaction } from "./transaction.ts";

export { type Pool, usePool } from "./pool.ts";
export { shareThrough } from "./shared.ts";
export { afterCommit, hasScope, isInTransaction, outside, transaction, unitOfWork } from "./transaction.ts";

let observer: ((text: string, params: readonly unknown[]) => void) | undefined;

/**
 * Calls `see` with every query before it is sent, so that a test can explain it. @returns a function that stops this
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

/** Queries run in the current transaction, or outside of one on any connection of the pool. */
export function use(): typeof orm {
  return orm;
}

/**
 * Runs `work`, whose `select` statements a replica of the database may answer (`DATABASE_READER_URL`): one that shows everything that the
 * current member has written, by whatever process, and everything that `lists` was invalidated for. The database itself answers where
 * there is no replica, where it is behind or fails, and inside of a transaction or a unit of work. `work` is repeated there when the
 * replica does not have what it looks for.
 * @param lists the namespace of a list that is cached for all members ({@link Cache.invalidate})
 */
export async function onReader<T>(work: () => Promise<T>, lists?: string): Promise<T> {
  if (currentScope() || !hasReader()) return work();
  return (await replica()).read(work, lists);
}

/** Before lists are invalidated: a replica must show the transaction that changed them before they are loaded from it. */
export async function noteLists(lists: string, committed: Committed): Promise<void> {
  if (hasReader()) await (await replica()).noteLists(lists, committed, send);
}

export type Parameters = postgres.ParameterOrJSON<never>[];

/**
 * Runs a statement where {@link use} would. As with drizzle's `sql<Row>`, the type of the rows is what the statement's author says.
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
  // A failing statement must not abort the unit's transaction, so a write gets a savepoint; it also begins the
  // transaction.
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
  const { closeProbe } = await import("./probe.ts"); // loaded lazily: only servers with health checks need it
  await Promise.all([closePool(), closeProbe(), closeReplica()]);
}

/** The name of the constraint or unique index that an insert or update violated, else undefined. */
export function brokenConstraint(error: unknown): string | undefined {
  for (const cause of causesOf(error))
    if ("constraint_name" in cause && typeof cause.constraint_name === "string") return cause.constraint_name;
  return undefined;
}

/**
 * The row of a statement that returns exactly one, such as an insert with `returning()`.
 * @throws Error when there is none: a bug
 */
export function only<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new Error("a statement that must return a row returned none");
  return row;
}

export * as Db from "./database.ts";
