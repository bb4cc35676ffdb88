import { type SQL, and, count, desc, eq, gt, min, sql } from "drizzle-orm";
import { UNUSED_UPLOAD_DAYS } from "../../platform/bounds.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { uploads } from "./evidence.sql.ts";

const WINDOW_SECONDS = 3600;
const MIB = 1024 * 1024;
/** A day; also the maximum of `Retry-After` that the OpenAPI document allows (`packages/api/src/openapi/headers.ts`). */
const DAY_SECONDS = 86_400;

/**
 * The number of uploads that a member may still request. Each granted upload counts for an hour; rejected requests do
 * not count.
 */
export interface UploadQuota {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Seconds until `remaining` grows; the whole window when nothing is used. */
  readonly resetSeconds: number;
}

/**
 * A member's use of the upload quota, counted from the table of uploads: rejected and replayed requests create no rows,
 * and all processes share the count, with or without Redis.
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
 * Rejects an upload beyond the quota. Must run in the transaction that grants an upload and has locked the member, so
 * that concurrent requests cannot exceed the quota.
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

/**
 * Rejects an upload that would take the total size of a member's files above one of the limits below: the hourly quota
 * alone would allow a member 24 GB a day, whether submitted or not. Must run in the transaction that grants an upload
 * and has locked the member, like {@link assertUploadQuota}. Also counts uploads whose URL was never used.
 *
 * - Files of the last 24 hours: at most `UPLOADS_MIB_PER_DAY`. A submitted file stays for seven years, even if its
 *   piece of evidence is refused.
 * - Files that no evidence uses: at most `UNUSED_UPLOADS_MIB`. They count until they are deleted.
 * @throws AppError RATE_LIMITED
 */
export async function assertBytes(userId: string, sizeBytes: number): Promise<void> {
  const { UPLOADS_MIB_PER_DAY: dayMib, UNUSED_UPLOADS_MIB: unusedMib } = Config.section("rules");
  const dayAgo = new Date(Clock.now().getTime() - DAY_SECONDS * 1000);
  const ofDay = await bytesOf(userId, gt(uploads.createdAt, dayAgo));
  if (ofDay.bytes + sizeBytes > dayMib * MIB)
    throw tooLarge(`Your uploads of 24 hours may have at most ${dayMib} MiB in all.`, ofDay.oldest, DAY_SECONDS);
  const unused = await bytesOf(userId, sql`${uploads.status} <> 'used'`);
  if (unused.bytes + sizeBytes > unusedMib * MIB)
    throw tooLarge(
      `Your uploads that are not submitted as evidence may have at most ${unusedMib} MiB in all. Submit them first; the oldest one expires ${UNUSED_UPLOAD_DAYS} days after its request.`,
      unused.oldest,
      UNUSED_UPLOAD_DAYS * DAY_SECONDS,
    );
}

/** The total bytes of a member's uploads that meet a condition, and the time of the oldest of these uploads. */
async function bytesOf(userId: string, condition: SQL): Promise<{ bytes: number; oldest: Date | null }> {
  const [row] = await Db.use()
    .select({
      bytes: sql<number>`coalesce(sum(${uploads.sizeBytes}), 0)`.mapWith(Number),
      oldest: min(uploads.createdAt),
    })
    .from(uploads)
    .where(and(eq(uploads.userId, userId), condition));
  return row ?? { bytes: 0, oldest: null };
}

/**
 * The error for an upload beyond a size limit. Its retry time ends when the oldest upload
 * no longer counts; at most a day.
 * @param countedSeconds time for which the oldest upload counts
 */
function tooLarge(detail: string, oldest: Date | null, countedSeconds: number): AppError {
  const now = Clock.now().getTime();
  const seconds = Math.ceil(((oldest?.getTime() ?? now) - now) / 1000) + countedSeconds;
  return new AppError("RATE_LIMITED", {
    detail,
    retryAfterSeconds: Math.min(DAY_SECONDS, Math.max(WINDOW_SECONDS, seconds)),
  });
}
