import { AsyncLocalStorage } from "node:async_hooks";
import { drizzle } from "drizzle-orm/pg-proxy";
import type postgres from "postgres";
import { Config } from "../config.ts";
import { forgiveLostTypes } from "./lost-types.ts";
import { Metrics } from "../metrics/index.ts";

/** What can run a statement: a pool, or one connection of it. */
export interface Runner {
  /**
   * @param params makes it a prepared statement
   * @param as rows by column name, or bare values in the order of the columns
   */
  run(
    text: string,
    params?: postgres.ParameterOrJSON<never>[],
    as?: "rows" | "values",
  ): Promise<readonly unknown[] & Done>;
}
/** What PostgreSQL says that it did, where it says so. */
interface Done {
  readonly command?: string;
}
interface Reserved extends Runner {
  release(): void;
}
export interface Pool extends Runner {
  /** A connection for the caller alone, until it is released. */
  reserve(): Promise<Reserved>;
  /** @param seconds that what runs is given to finish */
  end(seconds?: number): Promise<void>;
}

/** One transaction: the connection that it holds, and whether that was lost on the way. */
interface Session {
  readonly sql: Reserved;
  isLost: boolean;
  /** What waits for the commit. */
  readonly after: (() => Promise<void>)[];
  /** Savepoints are set one after the other: two at once on one connection would end each other. */
  savepoints: Promise<unknown>;
}

/** Where a query runs: the connection, and whether a transaction that begins here becomes a savepoint of it. */
interface Scope {
  readonly session: Session;
  readonly savesInside: boolean;
}

const inTransaction = new AsyncLocalStorage<Scope>();
/** Transactions by the text of their `begin`, until it is sent, and then by their connection. */
const beginning = new Map<string, Session>();
const running = new Map<number, Session>();
let transactions = 0;
const END_SECONDS = 5;
/** What runs on a pool that is given up may last as long as an act's transaction. */
const ACT_SECONDS = 20;
let pool: Promise<Pool> | undefined;

function open(): Promise<Pool> {
  pool ??= connect();
  return pool;
}

/** Loads the client at the first query, so that a cold start does not pay for it before its first request. */
async function connect(): Promise<Pool> {
  const { default: connectTo } = await import("postgres");
  forgiveLostTypes();
  const config = Config.section("database");
  const sql = connectTo(config.DATABASE_URL, {
    max: config.DATABASE_POOL_SIZE,
    idle_timeout: config.DATABASE_IDLE_TIMEOUT_SECONDS,
    connect_timeout: config.DATABASE_CONNECT_TIMEOUT_SECONDS,
    onnotice: () => undefined,
    connection: {
      application_name: "gotong-royong",
      statement_timeout: 15_000,
      idle_in_transaction_session_timeout: 20_000,
    },
    debug: (connection, query) => {
      const session = beginning.get(query);
      if (session) running.set(connection, session);
    },
    onclose: (connection) => {
      const session = running.get(connection);
      if (session) session.isLost = true;
      for (const wake of waiting) wake(); // each leaves the set
    },
  });
  /** Who waits for a connection of its own. */
  const waiting = new Set<() => void>();
  // Drizzle maps dates and JSON itself, from and to text.
  const asText = (value: unknown) => value;
  for (const type of [1082, 1083, 1114, 1182, 1184, 1185, 1115, 1231]) {
    sql.options.parsers[type] = asText;
    sql.options.serializers[type] = asText;
  }
  for (const type of [114, 3802]) sql.options.serializers[type] = asText;
  return {
    ...runner(sql),
    // postgres.js 3.4.9 forgets who waits for a connection of its own when one closes meanwhile (index.js, onclose and reserve): it is
    // told here, and asks again elsewhere.
    reserve: () =>
      new Promise((resolve, reject) => {
        const refuse = (error: unknown) => {
          waiting.delete(wake);
          reject(error);
        };
        const wake = () => refuse(lost());
        waiting.add(wake);
        const take = (reserved: postgres.ReservedSql) => {
          if (waiting.delete(wake)) resolve({ ...runner(reserved), release: () => reserved.release() });
          else reserved.release();
        };
        sql.reserve().then(take, refuse);
      }),
    end: (seconds = END_SECONDS) => sql.end({ timeout: seconds }),
  };
}

function runner(sql: postgres.Sql): Runner {
  return {
    run: (text, params, as) => {
      const query = sql.unsafe(text, params, { prepare: params !== undefined });
      return as === "values" ? query.values() : query;
    },
  };
}

let observer: ((text: string, params: readonly unknown[]) => void) | undefined;

/** Tells `see` of every query before it is sent, for a test that explains it. @returns the function that ends this */
export function watch(see: (text: string, params: readonly unknown[]) => void): () => void {
  observer = see;
  return () => {
    observer = undefined;
  };
}

const orm = drizzle(async (text, params, method) => {
  observer?.(text, params);
  const session = inTransaction.getStore()?.session;
  if (session?.isLost) throw lost();
  const startedAt = performance.now();
  if (!session) Metrics.shift("db_connections_active", 1);
  try {
    const run = async (runner: Runner) => ({
      rows: [...(await runner.run(text, params, method === "all" ? "values" : "rows"))],
    });
    return await unlessStale(() => (session ? run(session.sql) : onPool(run)));
  } catch (error) {
    if (session && endsSession(error)) session.isLost = true;
    throw error;
  } finally {
    if (!session) Metrics.shift("db_connections_active", -1);
    Metrics.observe("db_query_duration_seconds", (performance.now() - startedAt) / 1000);
  }
});

/**
 * Does `work` on any connection of the pool. Where its connection is lost the whole pool is given up: postgres.js 3.4.9 sends the next
 * query to a connection that has just been reset, and never answers it (connection.js, closed); nor does it recover one whose close
 * met a pending write.
 */
async function onPool<T>(work: (runner: Runner) => Promise<T>): Promise<T> {
  const asked = open();
  try {
    return await work(await asked);
  } catch (error) {
    if (endsSession(error) || codeOf(error) === "CONNECT_TIMEOUT") await abandon(asked);
    throw error;
  }
}

/** Queries run in the present transaction, or on any connection of the pool outside of one. */
export function use(): typeof orm {
  return orm;
}

/** Whether the caller runs inside {@link transaction}. */
export function isInTransaction(): boolean {
  return inTransaction.getStore() !== undefined;
}

interface Options {
  /** After how long PostgreSQL itself ends the transaction, so that it can never commit later. */
  readonly timeoutSeconds?: number;
  /** Transactions inside become savepoints: each of them still takes back its own work alone when it throws. */
  readonly savesInside?: boolean;
}

/**
 * Runs `work` in a transaction, or in the caller's when there is one: it commits when `work` resolves, rolls back when it
 * throws. Our own instead of the client's `begin`, which sends its rollback to a connection that the server has closed, and
 * that ends the process.
 */
export async function transaction<T>(work: () => Promise<T>, options: Options = {}): Promise<T> {
  const scope = inTransaction.getStore();
  if (scope) return scope.savesInside ? savepoint(scope.session, work) : work();
  const session = await begin();
  let result: T;
  try {
    if (options.timeoutSeconds !== undefined) {
      await session.sql.run(`set local transaction_timeout = '${Math.floor(options.timeoutSeconds)}s'`);
    }
    // Awaited inside: a query is sent when it is awaited, and must find the transaction then.
    result = await inTransaction.run({ session, savesInside: options.savesInside === true }, async () => {
      const done = await work();
      return done;
    });
    if (session.isLost) throw lost();
    const { command } = await session.sql.run("commit");
    // PostgreSQL answers the commit of a transaction that failed with a rollback, and with no error.
    if (command === "ROLLBACK") throw new Error("the transaction had failed and was rolled back");
  } catch (error) {
    session.isLost ||= endsSession(error);
    if (!session.isLost) await session.sql.run("rollback").catch(() => undefined);
    throw error;
  } finally {
    release(session);
  }
  for (const step of session.after) await step();
  return result;
}

/** A transaction inside of another one: what it did is taken back alone when it throws. */
function savepoint<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const run = async () => {
    if (session.isLost) throw lost();
    await session.sql.run("savepoint inner_work");
    try {
      const result = await inTransaction.run({ session, savesInside: false }, async () => {
        const done = await work();
        return done;
      });
      await session.sql.run("release savepoint inner_work");
      return result;
    } catch (error) {
      session.isLost ||= endsSession(error);
      if (!session.isLost) {
        await session.sql.run("rollback to savepoint inner_work");
        await session.sql.run("release savepoint inner_work");
      }
      throw error;
    }
  };
  const turn = session.savepoints.then(run, run);
  session.savepoints = turn.catch(() => undefined);
  return turn;
}

/**
 * Runs `step` once the present transaction, with all that it is a part of, has committed; at once outside of one. A step must
 * not throw, and may be lost in a crash.
 */
export async function afterCommit(step: () => Promise<void>): Promise<void> {
  const scope = inTransaction.getStore();
  if (scope) scope.session.after.push(step);
  else await step();
}

/** Runs `work` outside of the present transaction: what is shared with other requests must not depend on one of them. */
export function outside<T>(work: () => T): T {
  return inTransaction.exit(work);
}

/**
 * A connection for one alone. Where one could not be had the whole pool is given up: postgres.js 3.4.9 keeps the wish that it has
 * refused (index.js, reserve), hands the next connection over to nobody, and that one is lost to the pool for good.
 */
async function reserve(tries = 3): ReturnType<Pool["reserve"]> {
  const asked = open();
  try {
    return await (await asked).reserve();
  } catch (error) {
    await abandon(asked);
    if (tries === 0 || codeOf(error) !== "CONNECTION_CLOSED") throw error;
    return reserve(tries - 1);
  }
}

/** A connection in a new transaction. One that the server had closed meanwhile is replaced: nothing was done on it. */
async function begin(retries = 2): Promise<Session> {
  const session: Session = {
    sql: await unlessStale(() => reserve()),
    isLost: false,
    after: [],
    savepoints: Promise.resolve(),
  };
  Metrics.shift("db_connections_active", 1);
  const text = `begin -- ${++transactions}`;
  beginning.set(text, session);
  try {
    await session.sql.run(text);
    return session;
  } catch (error) {
    session.isLost ||= endsSession(error);
    release(session);
    if (retries === 0 || !session.isLost) throw error;
    return await begin(retries - 1);
  } finally {
    beginning.delete(text);
  }
}

/** With what PostgreSQL ends a session that it had accepted: shutdown, crash, and the timeouts of sessions and transactions. */
const SESSION_ENDED = /^(57P0[125]|25P0[34])$/;

/**
 * Sends `query`, again where it only got the error that had ended its connection before: postgres.js 3.4.9 keeps that one and
 * gives it to the first query after it has connected anew (connection.js, ReadyForQuery), which was never sent. A query that
 * runs when its session ends gets CONNECTION_CLOSED instead.
 */
async function unlessStale<T>(query: () => Promise<T>, tries = 20): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (tries === 0 || !SESSION_ENDED.test(codeOf(error))) throw error;
    return unlessStale(query, tries - 1);
  }
}

function release(session: Session): void {
  Metrics.shift("db_connections_active", -1);
  for (const [connection, other] of running) if (other === session) running.delete(connection);
  if (!session.isLost) session.sql.release(); // a lost one goes back to the pool by itself
}

/** Answers whether the database does, without any table. */
export async function ping(): Promise<void> {
  await onPool((runner) => runner.run("select 1"));
}

/** Uses another pool than one of postgres.js (simulation); undefined goes back. */
export function usePool(other: Pool | undefined): void {
  pool = other && Promise.resolve(other);
}

/** Closes the pool; the next use opens a new one. */
export async function close(): Promise<void> {
  const closing = pool;
  pool = undefined;
  await (await closing)?.end();
}

/** Ends `which` in the background, unless somebody has done so: the next use opens a new one. */
async function abandon(which: Promise<Pool>): Promise<void> {
  if (pool !== which) return;
  pool = undefined;
  (await which).end(ACT_SECONDS).catch(() => undefined);
}

/** The name of the constraint or unique index that an insert or update broke, else undefined. */
export function brokenConstraint(error: unknown): string | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ("constraint_name" in cause && typeof cause.constraint_name === "string") return cause.constraint_name;
  }
  return undefined;
}

/** Whether the server or the network ended the connection with this error. */
function endsSession(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ("severity" in cause && (cause.severity === "FATAL" || cause.severity === "PANIC")) return true;
    if (/^(CONNECTION_|ECONNRESET|EPIPE)/.test(codeOf(cause))) return true;
  }
  return false;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

const lost = () =>
  Object.assign(new Error("the connection of the transaction was lost"), { code: "CONNECTION_CLOSED" });

export * as Db from "./index.ts";
