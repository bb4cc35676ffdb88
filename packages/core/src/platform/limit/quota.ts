import { createHmac } from "node:crypto";
import { asc, eq, inArray, lte, sql } from "drizzle-orm";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import type { Rule } from "./limit.ts";
import { quotas } from "./quota.sql.ts";

/** Number of expired rows that each call removes, so that anonymous callers cannot make the table grow without limit. */
const CLEARED_AT_ONCE = 5;

/** A quota. `detail` is the error's detail when the quota is used up. */
export type Quota = Rule & { readonly detail: string };

/**
 * Counts one use of the quota, in the caller's transaction: if that is rolled back, the use does not count. The row
 * stays locked until the end of the transaction, so callers with the same key run one after another.
 * @param key the subject of the quota, such as a member's id; only a keyed hash of it is stored
 * @throws AppError RATE_LIMITED
 */
export async function take(quota: Quota, key: string): Promise<void> {
  await Db.transaction(async () => {
    const now = Clock.now();
    await removeExpired(now);
    const isOver = sql`${quotas.expiresAt} <= ${now.toISOString()}::timestamptz`;
    const [row] = await Db.use()
      .insert(quotas)
      .values({ key: hashOf(quota, key), used: 1, expiresAt: new Date(now.getTime() + quota.windowSeconds * 1000) })
      .onConflictDoUpdate({
        target: quotas.key,
        set: {
          used: sql`case when ${isOver} then 1 else ${quotas.used} + 1 end`,
          expiresAt: sql`case when ${isOver} then excluded.expires_at else ${quotas.expiresAt} end`,
        },
      })
      .returning({ used: quotas.used, expiresAt: quotas.expiresAt });
    if (row && row.used > quota.limit) throw exhausted(quota, row.expiresAt, now);
  });
}

/**
 * Checks that the quota is not used up, without counting a use. Called before expensive work.
 * @throws AppError RATE_LIMITED when the quota is used up
 */
export async function assertLeft(quota: Quota, key: string): Promise<void> {
  const now = Clock.now();
  const [row] = await Db.use()
    .select({ used: quotas.used, expiresAt: quotas.expiresAt })
    .from(quotas)
    .where(eq(quotas.key, hashOf(quota, key)));
  if (row && row.used >= quota.limit && row.expiresAt > now) throw exhausted(quota, row.expiresAt, now);
}

/** Removes up to `limit` rows whose window has expired. @returns the number removed */
export async function removeExpired(now: Date, limit = CLEARED_AT_ONCE): Promise<number> {
  const over = Db.use()
    .select({ key: quotas.key })
    .from(quotas)
    .where(lte(quotas.expiresAt, now))
    .orderBy(asc(quotas.expiresAt))
    .limit(limit)
    .for("update", { skipLocked: true });
  const removed = await Db.use().delete(quotas).where(inArray(quotas.key, over)).returning({ key: quotas.key });
  return removed.length;
}

function hashOf({ name }: Pick<Quota, "name">, key: string): string {
  return createHmac("sha256", Config.section("auth").JWT_KEY).update(`quota:${name}:${key}`).digest("hex");
}

function exhausted({ detail }: Quota, until: Date, now: Date): AppError {
  const seconds = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
  return new AppError("RATE_LIMITED", { detail, retryAfterSeconds: seconds });
}

export * as Quota from "./quota.ts";
