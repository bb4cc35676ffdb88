import { asc, lte, sql } from "drizzle-orm";
import { Clock } from "../clock.ts";
import { Db } from "../db/index.ts";
import { idempotencyKeys } from "./idempotency.sql.ts";

/**
 * Removes up to `limit` expired records. Called by the sweep; in addition, each new record removes a few.
 * @returns the number removed
 */
export async function removeExpired(limit: number): Promise<number> {
  const expired = Db.use()
    .select({ scope: idempotencyKeys.scope, key: idempotencyKeys.key })
    .from(idempotencyKeys)
    .where(lte(idempotencyKeys.expiresAt, Clock.now()))
    .orderBy(asc(idempotencyKeys.expiresAt))
    .limit(limit)
    .for("update", { skipLocked: true });
  const removed = await Db.use()
    .delete(idempotencyKeys)
    .where(sql`(${idempotencyKeys.scope}, ${idempotencyKeys.key}) in (${expired})`)
    .returning({ key: idempotencyKeys.key });
  return removed.length;
}

export * as StoredResponses from "./expired.ts";
