import { createHash } from "node:crypto";
import { eq, lt, sql } from "drizzle-orm";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import { loginFailures } from "./session.sql.ts";

const WINDOW_SECONDS = 900;
const FIRST_LOCK_SECONDS = 60;

/** What stands for an address and an account, whether that exists or not. */
export function keyOf(address: string, email: string): string {
  return createHash("sha256").update(`${address}\n${email}`).digest("hex");
}

/**
 * How long the failure number `failures` locks: not below the limit, then one minute, doubled each time, up to the 15 minutes
 * after which failures are forgotten.
 */
export function lockSeconds(failures: number, limit: number): number {
  if (failures < limit) return 0;
  return Math.min(WINDOW_SECONDS, FIRST_LOCK_SECONDS * 2 ** Math.min(failures - limit, 10));
}

/**
 * Lets nobody pass while the key is locked. Asked before the password is looked at and once more after, whether it was right or
 * not: of any number of guesses sent at once, only those that end before the lock tell anything.
 * @returns whether any failure is on record
 * @throws AppError RATE_LIMITED
 */
export async function assertUnlocked(key: string): Promise<boolean> {
  const now = Clock.now();
  const [row] = await Db.use().select().from(loginFailures).where(eq(loginFailures.key, key));
  const seconds = row?.lockedUntil ? Math.ceil((row.lockedUntil.getTime() - now.getTime()) / 1000) : 0;
  if (seconds > 0)
    throw new AppError("RATE_LIMITED", {
      detail: "Too many failed logins for this account from this address. Try again later.",
      retryAfterSeconds: seconds,
    });
  return row !== undefined;
}

/** Counts a failed login, and locks the key when there were too many. Forgotten 15 minutes after the last one and its lock. */
export async function countFailure(key: string): Promise<void> {
  const now = Clock.now();
  const db = Db.use();
  await db.delete(loginFailures).where(lt(loginFailures.forgetAt, now));
  const [row] = await db
    .insert(loginFailures)
    .values({ key, failures: 1, forgetAt: after(now, WINDOW_SECONDS) })
    .onConflictDoUpdate({ target: loginFailures.key, set: { failures: sql`${loginFailures.failures} + 1` } })
    .returning({ failures: loginFailures.failures });
  const lock = lockSeconds(row?.failures ?? 1, Config.section("auth").LOGIN_LIMIT_PER_15_MINUTES);
  await db
    .update(loginFailures)
    .set({ forgetAt: after(now, lock + WINDOW_SECONDS), ...(lock > 0 ? { lockedUntil: after(now, lock) } : {}) })
    .where(eq(loginFailures.key, key));
}

/** A login that succeeded makes up for the failures before it. */
export async function forgive(key: string): Promise<void> {
  await Db.use().delete(loginFailures).where(eq(loginFailures.key, key));
}

const after = (moment: Date, seconds: number) => new Date(moment.getTime() + seconds * 1000);

export * as Lockout from "./lockout.ts";
