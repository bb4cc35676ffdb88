import { AppError } from "../error.ts";
import { Metrics } from "../metrics/index.ts";
import { endsSession, lost, reserve, retryStale } from "./pool.ts";
import { hasReader, replica } from "./replica.ts";
import type { Committed, Precondition, Session } from "./scope.ts";

/**
 * Maximum number of times that a transaction is begun. It is begun again if its precondition expired while it waited
 * for a connection.
 */
const BEGINS = 3;

export interface Options {
  /** Time after which PostgreSQL itself aborts the transaction, so that it can never commit later. */
  readonly timeoutSeconds?: number;
  /** Established before a connection is taken, and again if it expired while the transaction waited for a connection. */
  readonly precondition?: Precondition;
}

/** @throws Error when the transaction has ended, or its connection was lost */
export function assertUsable(session: Session): void {
  if (session.isLost) throw lost();
  if (session.isOver) throw new Error("the transaction has ended");
}

/**
 * Commits a transaction.
 * @throws Error when its connection was lost, or a statement of it had failed
 */
export async function commit(session: Session): Promise<Committed> {
  await session.savepoints;
  if (session.isLost) throw lost();
  if (hasReader()) return (await replica()).commitWithId(session);
  const { command } = await session.sql.run("commit");
  // PostgreSQL answers the commit of a failed transaction with ROLLBACK and without an error.
  if (command === "ROLLBACK") throw new Error("the transaction had failed and was rolled back");
  return {};
}

/** Rolls a transaction back because of `error`, and returns its connection to the pool. */
export async function rollBack(session: Session | undefined, error: unknown): Promise<void> {
  if (!session || session.isOver) return;
  await session.savepoints;
  session.isLost ||= endsSession(error);
  if (!session.isLost) await session.sql.run("rollback").catch(() => undefined);
  release(session);
}

/** The first statements of a transaction. They run once more each time that the transaction is begun again. */
interface First {
  /**
   * Sends the first statements. Those that it sends before its first `await` travel together with `begin`, and run
   * outside a transaction if `begin` fails; so they must change nothing.
   */
  readonly run: (session: Session) => Promise<void>;
  /** Called with the error of `run` if the transaction did begin. */
  readonly failed: (error: unknown) => void;
}

/** Begins a transaction whose precondition is met, on a connection of its own. */
export async function begin({ precondition, timeoutSeconds }: Options, first?: First): Promise<Session> {
  for (let begins = 0; begins < BEGINS; begins += 1) {
    if (precondition && !precondition.isMet()) await precondition.establish();
    const { session, done } = await start(timeoutSeconds, first);
    try {
      await done?.catch((error: unknown) => {
        first?.failed(error);
        throw error;
      });
      if (!precondition || precondition.isMet()) {
        return session;
      }
      await rollBack(session, undefined);
    } catch (error) {
      await rollBack(session, error);
      throw error;
    }
  }
  throw new AppError("UNAVAILABLE", {
    detail: "The database is too slow, and nothing was changed. Try again.",
    retryAfterSeconds: 15,
  });
}

/**
 * Begins a transaction on a reserved connection. If the server has closed that connection, tries another one, since nothing was done yet.
 */
async function start(
  timeoutSeconds: number | undefined,
  first: First | undefined,
  retries = 2,
): Promise<{ readonly session: Session; readonly done: Promise<void> | undefined }> {
  const session: Session = {
    sql: await retryStale(() => reserve()),
    isLost: false,
    isOver: false,
    savepoints: Promise.resolve(),
  };
  session.sql.onLost = () => {
    session.isLost = true;
  };
  Metrics.shift("db_connections_active", 1);
  // Sends both statements in one message, which saves a round trip.
  const limit =
    timeoutSeconds === undefined ? "" : `; set local transaction_timeout = '${Math.floor(timeoutSeconds)}s'`;
  const opened = session.sql.run(`begin${limit}`);
  const done = first?.run(session);
  done?.catch(() => undefined); // awaited by the caller, unless the transaction did not begin
  try {
    await opened;
    return { session, done };
  } catch (error) {
    session.isLost ||= endsSession(error);
    release(session);
    if (retries === 0 || !session.isLost) throw error;
    return start(timeoutSeconds, first, retries - 1);
  }
}

/** Returns the connection of a transaction to the pool. */
export function release(session: Session | undefined): void {
  if (!session || session.isOver) return;
  session.isOver = true;
  Metrics.shift("db_connections_active", -1);
  if (!session.isLost) session.sql.release(); // the pool recovers a lost connection by itself
}
