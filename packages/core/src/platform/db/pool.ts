import type postgres from "postgres";
import { Config } from "../config.ts";
import { forgiveLostTypes } from "./lost-types.ts";
import type { Session } from "./scope.ts";

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
export interface Reserved extends Runner {
  release(): void;
}
export interface Pool extends Runner {
  /** A connection for the caller alone, until it is released. */
  reserve(): Promise<Reserved>;
  /** @param seconds that what runs is given to finish */
  end(seconds?: number): Promise<void>;
}

/** Transactions by the text of their `begin`, until it is sent, and then by their connection. */
export const beginning = new Map<string, Session>();
export const running = new Map<number, Session>();

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

/**
 * Does `work` on any connection of the pool. Where its connection is lost the whole pool is given up: postgres.js 3.4.9 sends the next
 * query to a connection that has just been reset, and never answers it (connection.js, closed); nor does it recover one whose close
 * met a pending write.
 */
export async function onPool<T>(work: (runner: Runner) => Promise<T>): Promise<T> {
  const asked = open();
  try {
    return await work(await asked);
  } catch (error) {
    if (endsSession(error) || codeOf(error) === "CONNECT_TIMEOUT") await abandon(asked);
    throw error;
  }
}

/**
 * A connection for one alone. Where one could not be had the whole pool is given up: postgres.js 3.4.9 keeps the wish that it has
 * refused (index.js, reserve), hands the next connection over to nobody, and that one is lost to the pool for good.
 */
export async function reserve(tries = 3): Promise<Reserved> {
  const asked = open();
  try {
    return await (await asked).reserve();
  } catch (error) {
    await abandon(asked);
    if (tries === 0 || codeOf(error) !== "CONNECTION_CLOSED") throw error;
    return reserve(tries - 1);
  }
}

/** With what PostgreSQL ends a session that it had accepted: shutdown, crash, and the timeouts of sessions and transactions. */
const SESSION_ENDED = /^(57P0[125]|25P0[34])$/;

/**
 * Sends `query`, again where it only got the error that had ended its connection before: postgres.js 3.4.9 keeps that one and
 * gives it to the first query after it has connected anew (connection.js, ReadyForQuery), which was never sent. A query that
 * runs when its session ends gets CONNECTION_CLOSED instead.
 */
export async function unlessStale<T>(query: () => Promise<T>, tries = 20): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (tries === 0 || !SESSION_ENDED.test(codeOf(error))) throw error;
    return unlessStale(query, tries - 1);
  }
}

/** Uses another pool than one of postgres.js (simulation); undefined goes back. */
export function usePool(other: Pool | undefined): void {
  pool = other && Promise.resolve(other);
}

/** Closes the pool; the next use opens a new one. */
export async function closePool(): Promise<void> {
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

/** Whether the server or the network ended the connection with this error. */
export function endsSession(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ("severity" in cause && (cause.severity === "FATAL" || cause.severity === "PANIC")) return true;
    if (/^(CONNECTION_|ECONNRESET|EPIPE)/.test(codeOf(cause))) return true;
  }
  return false;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

export const lost = () =>
  Object.assign(new Error("the connection of the transaction was lost"), { code: "CONNECTION_CLOSED" });
