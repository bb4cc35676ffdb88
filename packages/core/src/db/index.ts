import { AsyncLocalStorage } from "node:async_hooks";
import { sql } from "drizzle-orm";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { Config } from "../config.ts";

type Schema = Record<string, never>;
export type Tx = Parameters<Parameters<PostgresJsDatabase<Schema>["transaction"]>[0]>[0];
export type Executor = PostgresJsDatabase<Schema> | Tx;

let client: { sql: postgres.Sql; orm: PostgresJsDatabase<Schema> } | undefined;
const inTransaction = new AsyncLocalStorage<Tx>();

function connect() {
  if (client) return client;
  const config = Config.section("database");
  const connection = postgres(config.DATABASE_URL, {
    max: config.DATABASE_POOL_SIZE,
    idle_timeout: config.DATABASE_IDLE_TIMEOUT_SECONDS,
    connect_timeout: config.DATABASE_CONNECT_TIMEOUT_SECONDS,
    onnotice: () => undefined,
    connection: {
      application_name: "gotong-royong",
      statement_timeout: 15_000,
      idle_in_transaction_session_timeout: 20_000,
    },
  });
  client = { sql: connection, orm: drizzle(connection) };
  return client;
}

/** The present transaction, or a connection of the pool outside of one. */
export function use(): Executor {
  return inTransaction.getStore() ?? connect().orm;
}

/** Whether the caller runs inside {@link transaction}. */
export function isInTransaction(): boolean {
  return inTransaction.getStore() !== undefined;
}

/**
 * Runs `work` in a transaction, or in the caller's when there is one: it commits when `work` resolves, rolls back when it throws.
 * @param options.timeoutSeconds after which PostgreSQL itself ends the transaction, so that it can never commit later
 */
export async function transaction<T>(work: () => Promise<T>, options: { timeoutSeconds?: number } = {}): Promise<T> {
  if (isInTransaction()) return work();
  return connect().orm.transaction(async (tx) => {
    if (options.timeoutSeconds !== undefined) {
      await tx.execute(sql.raw(`set local transaction_timeout = '${Math.floor(options.timeoutSeconds)}s'`));
    }
    return inTransaction.run(tx, work);
  });
}

/** Answers whether the database does, without any table. */
export async function ping(): Promise<void> {
  await connect().sql`select 1`;
}

/** Closes the pool; the next use opens a new one. */
export async function close(): Promise<void> {
  const closing = client;
  client = undefined;
  await closing?.sql.end({ timeout: 5 });
}

/** The name of the constraint or unique index that an insert or update broke, else undefined. */
export function brokenConstraint(error: unknown): string | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof postgres.PostgresError && cause.code.startsWith("23")) return cause.constraint_name;
  }
  return undefined;
}

export * as Db from "./index.ts";
