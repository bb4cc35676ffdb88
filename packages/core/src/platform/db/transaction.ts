import { endsSession } from "./pool.ts";
import { replica } from "./replica.ts";
import { type Committed, type Precondition, type Scope, type Session, type Step, type Unit, scopes } from "./scope.ts";
import { type Options, assertUsable, begin, commit, release, rollBack } from "./session.ts";

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
 * Runs `work` with all its transactions merged into one. The merged transaction begins with the first transaction or
 * the first writing statement of `work`, and commits when `work` has resolved. Before it begins, `work` has no
 * connection: reads use the pool, and slow operations belong here. After it has begun, all queries run in it, and
 * nothing but the database may be awaited.
 * @param options.onBegin runs first in the transaction; the statements that it sends before its first `await` travel
 * together with `begin`. If it throws, the unit fails with that error, even if `work` catches it
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

/** Waits until the unit's transaction has begun or failed to begin: only then can it be committed or rolled back. */
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

/**
 * Establishes a precondition while a connection is in use: no earlier time is possible if the transaction has already
 * begun.
 */
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
 * Runs `work` outside the current transaction. For data that several requests share: it must not depend on the
 * uncommitted changes of one request.
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
