import type postgres from "postgres";
import { causesOf } from "../causes.ts";
import { Config } from "../config.ts";
import { ignoreLostTypeFetch } from "./postgres-js-rejections.ts";
import { withoutHoles } from "./postgres-js-rows.ts";

/** Runs statements on a pool or on one of its connections. */
export interface Runner {
  /**
   * @param params if set, the statement is prepared
   * @param as rows by column name, or plain values in column order
   */
  run(
    text: string,
    params?: postgres.ParameterOrJSON<never>[],
    as?: "rows" | "values",
  ): Promise<readonly unknown[] & Done>;
}
/** The command tag of the result, such as `COMMIT`, if there is one. */
interface Done {
  readonly command?: string;
}
export interface Reserved extends Runner {
  release(): void;
  /** Called when the server or the network closes the connection before it is released. */
  onLost?: () => void;
}
export interface Pool extends Runner {
  /** Reserves a connection for the caller until it is released. */
  reserve(): Promise<Reserved>;
  /** Closes the pool. @param seconds time that running queries get to finish */
  end(seconds?: number): Promise<void>;
}

const END_SECONDS = 5;
/**
 * Time that queries on a discarded pool get to finish: the longest time limit of a transaction (outbox/sweep.ts,
 * `ACT_LIMIT_SECONDS`).
 */
const ACT_SECONDS = 20;
let pool: Promise<Pool> | undefined;

function open(): Promise<Pool> {
  pool ??= connect();
  return pool;
}

/**
 * Creates a connection pool. Loads the client at the first query, to keep it out of the cold start.
 * @param at the URL of a database other than `DATABASE_URL`
 */
export async function connect(at?: { readonly url: string; readonly connectSeconds: number }): Promise<Pool> {
  const { default: connectTo } = await import("postgres");
  ignoreLostTypeFetch();
  const config = Config.section("database");
  const { databaseTarget } = await import("./tls.ts");
  const { url, options } = await databaseTarget(at?.url ?? config.DATABASE_URL);
  const sql = connectTo(url, {
    ...options,
    max: config.DATABASE_POOL_SIZE,
    idle_timeout: config.DATABASE_IDLE_TIMEOUT_SECONDS,
    connect_timeout: at?.connectSeconds ?? config.DATABASE_CONNECT_TIMEOUT_SECONDS,
    onnotice: () => undefined,
    connection: {
      application_name: "gotong-royong",
      // JIT compilation of a plan takes tens of milliseconds; our statements take less than one, whatever the planner estimates.
      jit: "off",
      statement_timeout: 15_000,
      idle_in_transaction_session_timeout: 20_000,
    },
    onclose: (connection) => {
      inUse.get(connection)?.onLost?.();
      inUse.delete(connection);
      for (const wake of waiting) wake(); // each callback removes itself from the set
    },
  });
  /** The `onLost` callbacks of pending `reserve` calls. */
  const waiting = new Set<() => void>();
  /** Reserved connections by connection id. */
  const inUse = new Map<number, Reserved>();
  /**
   * Finds out the id of a reserved connection through `onexecute`, an undocumented option that postgres.js uses in its
   * own `begin` (index.js). The documented option `debug` would make postgres.js take a stack trace at each query
   * (query.js): 3 % of the time of a POST.
   */
  const watched = (own: postgres.ReservedSql): Reserved => {
    let id: number | undefined;
    const onexecute = (connection: { readonly id: number }) => {
      id = connection.id;
      inUse.set(id, reserved);
      return true; // true: further statements may be sent on this connection
    };
    const reserved: Reserved = {
      ...runner(own, () => (id === undefined ? { onexecute } : {})),
      release: () => {
        if (id !== undefined) inUse.delete(id);
        own.release();
      },
    };
    return reserved;
  };
  // Passes dates and JSON on as strings, since Drizzle itself converts them.
  const asText = (value: unknown) => value;
  for (const type of [1082, 1083, 1114, 1182, 1184, 1185, 1115, 1231]) {
    sql.options.parsers[type] = asText;
    sql.options.serializers[type] = asText;
  }
  for (const type of [114, 3802]) sql.options.serializers[type] = asText;
  return {
    ...runner(sql),
    // postgres.js 3.4.9 forgets a pending `reserve` when its connection closes (index.js, onclose and reserve). So `onclose` rejects it here,
    // and the caller reserves again on a new pool.
    reserve: () =>
      new Promise((resolve, reject) => {
        const refuse = (error: unknown) => {
          waiting.delete(wake);
          reject(error);
        };
        const wake = () => refuse(lost());
        waiting.add(wake);
        const take = (reserved: postgres.ReservedSql) => {
          if (waiting.delete(wake)) resolve(watched(reserved));
          else reserved.release();
        };
        sql.reserve().then(take, refuse);
      }),
    end: (seconds = END_SECONDS) => sql.end({ timeout: seconds }),
  };
}

function runner(sql: postgres.Sql, options = () => ({})): Runner {
  return {
    run: async (text, params, as) => {
      const query = sql.unsafe(text, params, { ...options(), prepare: params !== undefined });
      return withoutHoles(await (as === "values" ? query.values() : query));
    },
  };
}

/**
 * Runs `work` on any connection of the pool. If that connection is lost, discards the whole pool, because of two bugs of postgres.js 3.4.9:
 * it sends the next query to a connection that was just reset and never settles it (connection.js, closed), and it does not recover a
 * connection that closes while a write is pending.
 */
export async function onPool<T>(work: (runner: Runner) => Promise<T>): Promise<T> {
  const asked = open();
  try {
    return await work(await asked);
  } catch (error) {
    if (endsSession(error) || codeOf(error) === "CONNECT_TIMEOUT") await discard(asked);
    throw error;
  }
}

/**
 * Reserves a connection. If that fails, discards the pool: postgres.js 3.4.9 keeps the rejected `reserve` queued (index.js, reserve), later
 * assigns a connection to it, and that connection is leaked.
 */
export async function reserve(tries = 3): Promise<Reserved> {
  const asked = open();
  try {
    return await (await asked).reserve();
  } catch (error) {
    await discard(asked);
    if (tries === 0 || codeOf(error) !== "CONNECTION_CLOSED") throw error;
    return reserve(tries - 1);
  }
}

/**
 * Error codes with which PostgreSQL terminates an established session: shutdown, crash, and the timeouts of sessions and transactions.
 */
const SESSION_ENDED = /^(57P0[125]|25P0[34])$/;

/**
 * Sends `query`, and repeats it when it got a stale error: after a reconnect, postgres.js 3.4.9 rejects the first query with the error that
 * terminated the previous session (connection.js, ReadyForQuery), without sending the query. A query that was running when its session was
 * terminated gets CONNECTION_CLOSED instead, and is not repeated.
 */
export async function retryStale<T>(query: () => Promise<T>, tries = 20): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (tries === 0 || !SESSION_ENDED.test(codeOf(error))) throw error;
    return retryStale(query, tries - 1);
  }
}

/** Replaces the postgres.js pool (simulation); undefined restores it. */
export function usePool(other: Pool | undefined): void {
  pool = other && Promise.resolve(other);
}

/** Closes the pool; the next query opens a new one. */
export async function closePool(): Promise<void> {
  const closing = pool;
  pool = undefined;
  await (await closing)?.end();
}

/** Closes the pool `which` in the background, unless it was already discarded: the next query opens a new pool. */
async function discard(which: Promise<Pool>): Promise<void> {
  if (pool !== which) return;
  pool = undefined;
  (await which).end(ACT_SECONDS).catch(() => undefined);
}

/** Whether this error means that the server or the network closed the connection. */
export function endsSession(error: unknown): boolean {
  return causesOf(error).some(
    (cause) =>
      ("severity" in cause && (cause.severity === "FATAL" || cause.severity === "PANIC")) ||
      /^(CONNECTION_|ECONNRESET|EPIPE)/.test(codeOf(cause)),
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

export const lost = () =>
  Object.assign(new Error("the connection of the transaction was lost"), { code: "CONNECTION_CLOSED" });
