import { and, count, desc, eq, gt, min } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { uploads } from "./evidence.sql.ts";

const WINDOW_SECONDS = 3600;

/** What a member has left of the uploads of an hour. Each upload that was granted counts for an hour, and nothing else does. */
export interface UploadQuota {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Until one more is granted than now; the whole window when none is used. */
  readonly resetSeconds: number;
}

/**
 * Counted in the database, from the uploads themselves: what was refused, and what an idempotency key has replayed, made none. All
 * processes count together, whether there is a Redis or not.
 */
export async function uploadQuota(userId: string): Promise<UploadQuota> {
  const limit = Config.section("http").UPLOAD_LIMIT_PER_HOUR;
  const now = Clock.now().getTime();
  const newest = Db.use()
    .select({ createdAt: uploads.createdAt })
    .from(uploads)
    .where(and(eq(uploads.userId, userId), gt(uploads.createdAt, new Date(now - WINDOW_SECONDS * 1000))))
    .orderBy(desc(uploads.createdAt))
    .limit(limit)
    .as("newest");
  const [row] = await Db.use()
    .select({ used: count(), oldest: min(newest.createdAt) })
    .from(newest);
  const oldest = row?.oldest?.getTime() ?? now;
  return {
    limit,
    windowSeconds: WINDOW_SECONDS,
    remaining: Math.max(0, limit - (row?.used ?? 0)),
    resetSeconds: Math.max(1, Math.ceil((oldest - now) / 1000) + WINDOW_SECONDS),
  };
}

/**
 * In the transaction that grants an upload, which holds the member: of many requests at once no more than the limit are granted.
 * @throws AppError RATE_LIMITED
 */
export async function assertUploadQuota(userId: string): Promise<void> {
  const { limit, windowSeconds, remaining, resetSeconds } = await uploadQuota(userId);
  if (remaining > 0) return;
  throw new AppError("RATE_LIMITED", {
    detail: `At most ${limit} in ${windowSeconds} s. Try again in ${resetSeconds} s.`,
    retryAfterSeconds: resetSeconds,
  });
}
