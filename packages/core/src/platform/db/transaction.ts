import { AppError } from "../error.ts";
import { Metrics } from "../metrics/index.ts";
import { endsSession, lost, reserve, retryStale } from "./pool.ts";
import { Config } from "../config.ts";
import { lazy } from "../lazy.ts";
import { type Committed, type Precondition, type Scope, type Session, type Step, type Unit, scopes } from "./scope.ts";

/** Upper limit of starts of a transaction: it is restarted if its precondition expired while it waited for a connection. */
const BEGINS = 3;

interface Options {
  /** Time after which PostgreSQL itself aborts the transaction, so that it can never commit later. */
  readonly timeoutSeconds?: number;
  /** Established before a connection is taken, and again if it expired while the transaction waited for a connection. */
  readonly precondition?: Precondition;
}

/**
 * Runs `work` in a transaction, or in the caller's transaction if there is one: commits when `work` resolves, rolls back when it throws. In a
 * unit of work it is a savepoint of the unit's transaction: an error rolls back only its own work. We do not use the client's `begin`, since
 * it sends the rollback to a connection that the server has closed, which terminates the process.
 */
export async function transaction<T>(work: () => Promise<T>, options: Options = {}): Promise<T> {
  const scope = currentScope();
  if (scope?.kind === "transaction") {
    await reestablish(options.precondition);
    return work();
  }
  if (scope?.kind === "unit") return savepoint(await scope.begin(options.precondition), scope.unit.after, work);
  const session = await begin(options);
  const after: Step[] = [];
  const { result, committed } = await commitOrRollBack(session, () =>
    within({ kind: "transaction", session, after }, work),
  );
  await finish(committed, after);
  return result;
}

/**
 * Runs `work` with all its transactions merged into one. The merged transaction begins with the first transaction or the first writing
 * statement of `work`, and commits when `work` has resolved. Before it begins, `work` has no connection: reads use the pool, and slow
 * operations belong here. After it has begun, all queries run in it, and nothing but the database may be awaited.
 * @param options.onBegin runs first in the transaction; the statements that it sends at once are sent together with `begin`. If it throws, the
 * unit fails with that error, even if `work` catches it
 * @param options.timeoutSeconds time after which PostgreSQL aborts the transaction
 */
export async function unitOfWork<T>(
  work: () => Promise<T>,
  options: { readonly onBegin: () => Promise<void>; readonly timeoutSeconds: number },
): Promise<T> {
  if (currentScope()) throw new Error("a unit of work inside of a transaction");
  const unit: Unit = { beginning: undefined, session: undefined, failure: undefined, isOver: false, after: [] };
  const scope: Scope = { kind: "unit", unit, begin: (before) => beginUnit(unit, options, before) };
  try {
    const result = await within(scope, work);
    await begun(unit);
    if (unit.failure) throw unit.failure.error;
    const committed = unit.session ? await commit(unit.session) : {};
    unit.isOver = true;
    release(unit.session);
    await finish(committed, unit.after);
    return result;
  } catch (error) {
    unit.isOver = true;
    await begun(unit);
    await rollBack(unit.session, error);
    throw unit.failure?.error ?? error;
  }
}

/** Waits for a transaction that is about to begin, since it may be beginning while another part of the unit has failed. */
async function begun({ beginning: session }: Unit): Promise<void> {
  await session?.catch(() => undefined);
}

/** The transaction of a unit. The first caller begins it; concurrent callers wait for it. */
async function beginUnit(
  unit: Unit,
  { onBegin, timeoutSeconds }: { readonly onBegin: () => Promise<void>; readonly timeoutSeconds: number },
  precondition: Precondition | undefined,
): Promise<Session> {
  if (unit.failure) throw unit.failure.error;
  if (unit.beginning) {
    const session = await unit.beginning;
    await reestablish(precondition);
    return session;
  }
  const starting = (async () => {
    const session = await begin(
      { timeoutSeconds, ...(precondition ? { precondition } : {}) },
      {
        run: (own) => within({ kind: "transaction", session: own, after: unit.after }, onBegin),
        failed: (error) => (unit.failure = { error }),
      },
    );
    unit.session = session;
    return session;
  })();
  unit.beginning = starting;
  try {
    return await starting;
  } catch (error) {
    if (!unit.failure) unit.beginning = undefined; // no connection was taken, so the next transaction of the unit may try again
    throw error;
  }
}

/** In a transaction that has already begun, the precondition can only be established while a connection is in use. */
async function reestablish(precondition: Precondition | undefined): Promise<void> {
  if (precondition && !precondition.isMet()) await precondition.establish();
}

/** A nested transaction: if it throws, its work and its after-commit steps are discarded. */
function savepoint<T>(session: Session, after: Step[], work: () => Promise<T>): Promise<T> {
  const run = async () => {
    assertUsable(session);
    // Not awaited before `work`, so that it is sent together with the first statement of `work`, which saves a round trip.
    const isOpen = session.sql.run("savepoint inner_work").then(
      () => true,
      (error: unknown) => {
        session.isLost ||= endsSession(error);
        return false;
      },
    );
    const own: Step[] = [];
    try {
      const result = await within({ kind: "transaction", session, after: own }, work);
      // Not awaited, so that it is sent together with the next statement. It fails if a statement of `work` failed and `work` caught the error; then
      // the commit fails too.
      session.sql.run("release savepoint inner_work").catch((error: unknown) => {
        session.isLost ||= endsSession(error);
      });
      after.push(...own);
      return result;
    } catch (error) {
      session.isLost ||= endsSession(error);
      if ((await isOpen) && !session.isLost) {
        await session.sql.run("rollback to savepoint inner_work");
        await session.sql.run("release savepoint inner_work");
      }
      throw error;
    }
  };
  const queued = session.savepoints.then(run, run);
  session.savepoints = queued.catch(() => undefined);
  return queued;
}

/**
 * Runs `step` after the commit of the current transaction or unit of work, including all enclosing ones; outside both, at once. A step must
 * not throw, a crash may skip it, and it runs without a connection.
 */
export async function afterCommit(step: Step): Promise<void> {
  const scope = currentScope();
  if (scope?.kind === "transaction") scope.after.push(step);
  else if (scope?.kind === "unit") scope.unit.after.push(step);
  else await step({});
}

/** Runs the after-commit steps. First notes the write for readers, so that data which a step invalidates is not reloaded from a stale replica. */
async function finish(committed: Committed, after: readonly Step[]): Promise<void> {
  if (committed.transactionId !== undefined) await (await replica()).noteWrite(committed.transactionId);
  for (const step of after) await step(committed);
}

/**
 * Whether the caller may read its own uncommitted data: inside a transaction, or in a unit of work whose transaction has begun.
 */
export function isInTransaction(): boolean {
  const scope = currentScope();
  return scope?.kind === "transaction" || (scope?.kind === "unit" && scope.unit.beginning !== undefined);
}

/** Whether a replica may answer the caller's reads. */
export const isOnReader = (): boolean => scopes.getStore()?.kind === "reader";

/** Whether the caller is inside a transaction or a unit of work. */
export const hasScope = (): boolean => currentScope() !== undefined;

/**
 * Runs `work` outside the current transaction, for data that is shared between requests and must not depend on one of them.
 */
export function outside<T>(work: () => T): T {
  const scope = scopes.getStore();
  return scope ? scopes.run({ kind: "outside", of: scope }, work) : work();
}

/** The caller's transaction or unit of work; undefined if the unit has already finished because the caller was not awaited. */
export function currentScope(): Exclude<Scope, { kind: "outside" | "reader" }> | undefined {
  const scope = scopes.getStore();
  if (!scope || scope.kind === "outside" || scope.kind === "reader") return undefined;
  return scope.kind === "unit" && scope.unit.isOver ? undefined : scope;
}

export function assertUsable(session: Session): void {
  if (session.isLost) throw lost();
  if (session.isOver) throw new Error("the transaction has ended");
}

/** Runs `work` and awaits it inside the scope, since drizzle sends a query only when it is awaited. */
async function within<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
  return scopes.run(scope, async () => {
    const done = await work();
    return done;
  });
}

async function commitOrRollBack<T>(
  session: Session,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly committed: Committed }> {
  try {
    const result = await work();
    const committed = await commit(session);
    release(session);
    return { result, committed };
  } catch (error) {
    await rollBack(session, error);
    throw error;
  }
}

async function commit(session: Session): Promise<Committed> {
  await session.savepoints;
  if (session.isLost) throw lost();
  if (hasReader()) return (await replica()).commitWithId(session);
  const { command } = await session.sql.run("commit");
  // PostgreSQL answers the commit of a failed transaction with ROLLBACK and without an error.
  if (command === "ROLLBACK") throw new Error("the transaction had failed and was rolled back");
  return {};
}

/** Whether this process may read from a replica. Needs Redis, through which processes learn of each other's writes. */
export function hasReader(): boolean {
  const { DATABASE_READER_URL, REDIS_URL } = Config.section("reader");
  return DATABASE_READER_URL !== undefined && REDIS_URL !== undefined;
}

const loadReader = lazy(() => import("./reader.ts"));
let isReaderLoaded = false;
/** The module that reads from the replica; loaded only where a replica is configured. */
export function replica() {
  isReaderLoaded = true;
  return loadReader();
}

/** Closes the connections to the replica, if it was ever used. */
export async function closeReplica(): Promise<void> {
  if (isReaderLoaded) await (await loadReader()).closeReader();
}

/** Rolls a transaction back because of `error`, and returns its connection to the pool. */
async function rollBack(session: Session | undefined, error: unknown): Promise<void> {
  if (!session || session.isOver) return;
  await session.savepoints;
  session.isLost ||= endsSession(error);
  if (!session.isLost) await session.sql.run("rollback").catch(() => undefined);
  release(session);
}

/** The first work of a transaction. It may run again, when the transaction begins again. */
interface First {
  /** The statements that it sends at once are sent together with `begin`, so they must change nothing: if `begin` fails, they run without it. */
  readonly run: (session: Session) => Promise<void>;
  /** Called with the error of `run`, unless the transaction did not begin. */
  readonly failed: (error: unknown) => void;
}

/** Begins a transaction whose precondition is met, on a connection of its own. */
async function begin({ precondition, timeoutSeconds }: Options, first?: First): Promise<Session> {
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

function release(session: Session | undefined): void {
  if (!session || session.isOver) return;
  session.isOver = true;
  Metrics.shift("db_connections_active", -1);
  if (!session.isLost) session.sql.release(); // the pool recovers a lost connection by itself
}
