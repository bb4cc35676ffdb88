import { and, count, desc, eq, gt, min, sql } from "drizzle-orm";
import { UNUSED_UPLOAD_DAYS } from "../../platform/bounds.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { uploads } from "./evidence.sql.ts";

const WINDOW_SECONDS = 3600;
const MIB = 1024 * 1024;
/** The maximum of `Retry-After` that the OpenAPI document allows (`packages/api/src/openapi/headers.ts`). */
const MAX_RETRY_SECONDS = 86_400;

/** A member's remaining uploads. Only a granted upload counts, for an hour. */
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
 * Rejects an upload with which the member's unused uploads would have more bytes than `UNUSED_UPLOADS_MIB`: the hourly
 * quota alone would allow 168 GB in the days for which unused files stay. Must run in the transaction that grants an
 * upload and has locked the member, like {@link assertUploadQuota}. Counts also URLs that were never used, and uploads
 * that have ended until their file is deleted.
 * @throws AppError RATE_LIMITED
 */
export async function assertUnusedBytes(userId: string, sizeBytes: number): Promise<void> {
  const limitMib = Config.section("rules").UNUSED_UPLOADS_MIB;
  const [row] = await Db.use()
    .select({
      bytes: sql<number>`coalesce(sum(${uploads.sizeBytes}), 0)`.mapWith(Number),
      oldest: min(uploads.createdAt),
    })
    .from(uploads)
    .where(and(eq(uploads.userId, userId), sql`${uploads.status} <> 'used'`));
  if ((row?.bytes ?? 0) + sizeBytes <= limitMib * MIB) return;
  const now = Clock.now().getTime();
  const endsAt = (row?.oldest?.getTime() ?? now) + UNUSED_UPLOAD_DAYS * 86_400_000;
  throw new AppError("RATE_LIMITED", {
    detail: `Your uploads that are not submitted as evidence may have at most ${limitMib} MiB in all. Submit them first; the oldest one expires ${UNUSED_UPLOAD_DAYS} days after its request.`,
    retryAfterSeconds: Math.min(MAX_RETRY_SECONDS, Math.max(WINDOW_SECONDS, Math.ceil((endsAt - now) / 1000))),
  });
}
