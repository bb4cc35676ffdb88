import { drizzle } from "drizzle-orm/pg-proxy";
import type postgres from "postgres";
import { causesOf } from "../causes.ts";
import { Metrics } from "../metrics/index.ts";
import { type Runner, closePool, endsSession, onPool, retryStale } from "./pool.ts";
import type { Session } from "./scope.ts";
import { assertUsable, currentScope, transaction } from "./transaction.ts";

export { type Pool, usePool } from "./pool.ts";
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

export type Parameters = postgres.ParameterOrJSON<never>[];

/** Runs a statement where {@link use} would. @param as rows by column name, or plain values in column order */
export async function run(text: string, params: Parameters, as: "rows" | "values"): Promise<readonly unknown[]> {
  const scope = currentScope();
  if (scope?.kind === "transaction") return send(text, params, as, scope.session);
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
  await Promise.all([closePool(), closeProbe()]);
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
