import { createHash } from "node:crypto";
import { eq, isNull, lt, lte, or, sql } from "drizzle-orm";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import { loginFailures } from "./session.sql.ts";

const WINDOW_SECONDS = 900;
const FIRST_LOCK_SECONDS = 60;

/** How many failed logins one address has on one account, and in what time. */
export function policy(): { readonly limit: number; readonly windowSeconds: number } {
  return { limit: Config.section("auth").LOGIN_LIMIT_PER_15_MINUTES, windowSeconds: WINDOW_SECONDS };
}

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
 * Lets nobody pass while the key is locked. Asked before the password is looked at, and once more when it was right: of any number
 * of guesses sent at once, only those that end before the lock tell anything.
 * @returns whether any failure is on record
 * @throws AppError RATE_LIMITED
 */
export async function assertUnlocked(key: string): Promise<boolean> {
  const [row] = await Db.use().select().from(loginFailures).where(eq(loginFailures.key, key));
  const now = Clock.now();
  if (row?.lockedUntil && row.lockedUntil > now) throw locked(row.lockedUntil, now);
  return row !== undefined;
}

/**
 * Counts a failed login, and locks the key when there were too many. Forgotten 15 minutes after the last one and its lock.
 * @throws AppError RATE_LIMITED when others have locked the key meanwhile: this failure must not tell that it is one
 */
export async function countFailure(key: string): Promise<void> {
  const now = Clock.now();
  const { limit } = policy();
  await Db.use().delete(loginFailures).where(lt(loginFailures.forgetAt, now));
  const isLocked = await Db.transaction(async () => {
    const db = Db.use();
    const [row] = await db
      .insert(loginFailures)
      .values({ key, failures: 1, forgetAt: after(now, WINDOW_SECONDS) })
      .onConflictDoUpdate({
        target: loginFailures.key,
        set: { failures: sql`${loginFailures.failures} + 1` },
        setWhere: sql`${or(isNull(loginFailures.lockedUntil), lte(loginFailures.lockedUntil, now))}`,
      })
      .returning({ failures: loginFailures.failures });
    if (!row) return true;
    const lock = lockSeconds(row.failures, limit);
    await db
      .update(loginFailures)
      .set({ forgetAt: after(now, lock + WINDOW_SECONDS), ...(lock > 0 ? { lockedUntil: after(now, lock) } : {}) })
      .where(eq(loginFailures.key, key));
    return false;
  });
  if (isLocked) await assertUnlocked(key);
}

function locked(until: Date, now: Date): AppError {
  return new AppError("RATE_LIMITED", {
    detail: "Too many failed logins for this account from this address. Try again later.",
    retryAfterSeconds: Math.ceil((until.getTime() - now.getTime()) / 1000),
  });
}

/** A login that succeeded makes up for the failures before it. */
export async function forgive(key: string): Promise<void> {
  await Db.use().delete(loginFailures).where(eq(loginFailures.key, key));
}

const after = (moment: Date, seconds: number) => new Date(moment.getTime() + seconds * 1000);

export * as Lockout from "./lockout.ts";
