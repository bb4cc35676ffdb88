import { and, asc, eq, gt, inArray, isNull, lt, lte, or, sql } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { type Counter, FOR_GOOD, LockoutRules } from "./lockout-rules.ts";
import { loginAddresses, loginFailures } from "./session.sql.ts";

/** A count that has reached its limit, for the audit log. */
export interface Locked {
  readonly kind: Counter["kind"];
  readonly failures: number;
  /** Whether the lock lasts until the password is reset. */
  readonly isForGood: boolean;
}
/** Number of expired rows that each failure removes. */
const CLEARED_AT_ONCE = 100;

/**
 * The counts of a login attempt; throws while one of them is locked. Runs the same queries whether the account exists
 * or not.
 * @param isTrusted whether the caller has a session of the account: then the address counts as known
 * @throws AppError RATE_LIMITED, ACCOUNT_LOCKED
 */
export async function begin(address: string, email: string, isTrusted = false): Promise<readonly Counter[]> {
  const key = LockoutRules.knownKey(address, email);
  const [known] = await Db.use()
    .select({ key: loginAddresses.key })
    .from(loginAddresses)
    .where(eq(loginAddresses.key, key));
  const counters = LockoutRules.countersOf(address, email, isTrusted || known !== undefined, Clock.now());
  await assertUnlocked(counters);
  return counters;
}

/**
 * Rejects an attempt while one of the counters is locked. Called before the password check, and again after a correct
 * password: a concurrent guess that finishes after the lock does not reveal that its password was correct.
 * @throws AppError RATE_LIMITED, ACCOUNT_LOCKED
 */
export async function assertUnlocked(counters: readonly Counter[]): Promise<void> {
  const now = Clock.now();
  const rows = await Db.use()
    .select({ key: loginFailures.key, failures: loginFailures.failures, lockedUntil: loginFailures.lockedUntil })
    .from(loginFailures)
    .where(and(inArray(loginFailures.key, keysOf(counters)), gt(loginFailures.lockedUntil, now)));
  let longest = 0;
  for (const { key, failures, lockedUntil } of rows) {
    const counter = counters.find((candidate) => candidate.key === key);
    if (counter?.lockSeconds(failures) === FOR_GOOD) throw new AppError("ACCOUNT_LOCKED");
    longest = Math.max(longest, Math.ceil(((lockedUntil ?? now).getTime() - now.getTime()) / 1000));
  }
  if (longest === 0) return;
  throw new AppError("RATE_LIMITED", {
    detail: "Too many failed logins for this account or from this address. Try again later.",
    retryAfterSeconds: longest,
  });
}

/** Rolls back the transaction, so that a failure during a lock is not counted at all. */
class AlreadyLocked extends Error {}

/**
 * Adds a failure to every count, and locks the counts that reach their limit.
 * @returns the counts that this failure has locked
 * @throws AppError RATE_LIMITED, ACCOUNT_LOCKED when a count was locked meanwhile: the response must not reveal that
 * the password was wrong
 */
export async function countFailure(counters: readonly Counter[]): Promise<readonly Locked[]> {
  const now = Clock.now();
  await clear(now);
  try {
    return await Db.transaction(async () => {
      const failures = await add(counters, now);
      if (failures.size < counters.length) throw new AlreadyLocked();
      const reached: Locked[] = [];
      for (const counter of counters) {
        const count = failures.get(counter.key) ?? 1;
        const isForGood = await lock(counter, count, now);
        if (count === counter.limit || isForGood) reached.push({ kind: counter.kind, failures: count, isForGood });
      }
      return reached;
    });
  } catch (error) {
    if (!(error instanceof AlreadyLocked)) throw error;
    await assertUnlocked(counters);
    return [];
  }
}

/**
 * Adds one failure to each count.
 * @returns the failures by key, without locked keys
 */
async function add(counters: readonly Counter[], now: Date): Promise<ReadonlyMap<string, number>> {
  // Sorted by key, so that two transactions lock in the same order and cannot deadlock.
  const sorted = counters.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const rows = await Db.use()
    .insert(loginFailures)
    .values(sorted.map(({ key, keptSeconds }) => ({ key, failures: 1, forgetAt: after(now, keptSeconds) })))
    .onConflictDoUpdate({
      target: loginFailures.key,
      set: {
        failures: sql`case when ${loginFailures.forgetAt} <= ${now.toISOString()} then 1 else ${loginFailures.failures} + 1 end`,
        forgetAt: sql`excluded.forget_at`,
      },
      setWhere: sql`${or(isNull(loginFailures.lockedUntil), lte(loginFailures.lockedUntil, now))}`,
    })
    .returning({ key: loginFailures.key, failures: loginFailures.failures });
  return new Map(rows.map(({ key, failures }) => [key, failures]));
}

/**
 * Locks a count for the time that its failures require.
 * @returns whether the lock lasts until the password is reset
 */
async function lock(counter: Counter, failures: number, now: Date): Promise<boolean> {
  const seconds = counter.lockSeconds(failures);
  if (seconds === 0) return false;
  const isForGood = seconds === FOR_GOOD;
  const lockedUntil = after(now, isForGood ? counter.keptSeconds : seconds);
  const forgetAt = after(lockedUntil, isForGood ? 0 : counter.keptSeconds);
  await Db.use().update(loginFailures).set({ lockedUntil, forgetAt }).where(eq(loginFailures.key, counter.key));
  return isForGood;
}

/** Removes a few expired counts; skips rows locked by other requests. */
async function clear(now: Date): Promise<void> {
  const over = Db.use()
    .select({ key: loginFailures.key })
    .from(loginFailures)
    .where(lt(loginFailures.forgetAt, now))
    .orderBy(asc(loginFailures.forgetAt))
    .limit(CLEARED_AT_ONCE)
    .for("update", { skipLocked: true });
  await Db.use().delete(loginFailures).where(inArray(loginFailures.key, over));
}

/**
 * Resets the failures in a row of an account, and of its address on that account, after a successful login. The
 * address's count over all accounts stays: otherwise an attacker could reset it by signing in to an account of their
 * own between two guesses.
 */
export async function resetFailures(counters: readonly Counter[], email: string): Promise<void> {
  const own = counters.filter(({ kind }) => kind !== "address").map(({ key }) => key);
  const [strangers, known] = LockoutRules.accountKeys(email);
  // A login from a known address must not reset the count of unknown addresses.
  const keys = own.includes(known) ? own : [...new Set([...own, strangers, known])];
  const [one] = await Db.use()
    .select({ key: loginFailures.key })
    .from(loginFailures)
    .where(inArray(loginFailures.key, keys))
    .limit(1);
  if (one) await remove(keys);
}

/** Unlocks an account after a password reset, which proves access to the account's mail. */
export const unlock = (email: string): Promise<void> =>
  remove([...LockoutRules.accountKeys(email), LockoutRules.codeKey(email)]);

/** Resets the count of wrong second factors, after a correct one. */
export const resetCodeFailures = (email: string): Promise<void> => remove([LockoutRules.codeKey(email)]);

async function remove(keys: readonly string[]): Promise<void> {
  const rows = Db.use()
    .select({ key: loginFailures.key })
    .from(loginFailures)
    .where(inArray(loginFailures.key, [...keys]))
    .orderBy(asc(loginFailures.key))
    .for("update");
  await Db.use().delete(loginFailures).where(inArray(loginFailures.key, rows));
}

/** Stores a known address of the account: failures from unknown addresses do not lock the account for known addresses. */
export async function remember(address: string, email: string, userId: string): Promise<void> {
  const now = Clock.now();
  await Db.use()
    .insert(loginAddresses)
    .values({ key: LockoutRules.knownKey(address, email), userId, lastUsedAt: now })
    .onConflictDoUpdate({ target: loginAddresses.key, set: { userId, lastUsedAt: now } });
}

/**
 * Removes an account's known addresses after a password change: an address from which only the old password was used
 * must not be trusted.
 */
export async function forgetAddresses(userId: string): Promise<void> {
  await Db.use().delete(loginAddresses).where(eq(loginAddresses.userId, userId));
}

const keysOf = (counters: readonly Counter[]) => counters.map(({ key }) => key);
const after = (moment: Date, seconds: number) => new Date(moment.getTime() + seconds * 1000);

export * as Lockout from "./lockout.ts";
