import { and, desc, eq, gt } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Id } from "../../platform/id.ts";
import { Storage } from "../../platform/storage/index.ts";
import { lockMembers } from "../user/row.ts";
import { assertOpen, assertRoom, countUnusedUploads, lockOpen } from "./admission.ts";
import { isOpenUpload, uploads } from "./evidence.sql.ts";
import { FILE_RULES, PART_BYTES, UPLOAD_URL_SECONDS, renewableSince } from "./file-rules.ts";
import type { UploadRequest } from "./input.ts";
import { assertBytes, assertUploadQuota } from "./upload-quota.ts";
import type { Upload } from "./schema.ts";

/**
 * A URL that accepts one file, bound to its key, length, type and hash, for 5 minutes. The bytes never pass through the
 * API. A second request for the same file within a day gets a new URL for the existing upload: this request counts
 * towards no limit, and bytes that were already uploaded stay. A large file can be sent in parts instead: see
 * `upload-parts.ts`.
 * @throws AppError NOT_FOUND, VERIFICATION_CLOSED, EVIDENCE_LIMIT_REACHED, CONTENT_HIDDEN; FORBIDDEN when the
 * contribution's owner has blocked the member; RATE_LIMITED when the upload quota is used up, or when the member's
 * uploads have too many bytes
 */
export async function requestUpload(contributionId: string, input: UploadRequest): Promise<Upload> {
  const { userId } = Actor.member();
  await assertOpen(contributionId);
  const now = Clock.now();
  const granted = await grantedUpload(contributionId, userId, input);
  const id = granted?.id ?? Id.uuid();
  const rule = FILE_RULES[input.content_type];
  const day = now.toISOString().slice(0, 10).replaceAll("-", "/");
  const key = granted?.objectKey ?? `${rule.folder}/${day}/${userId}_${contributionId}_${id}.${rule.extension}`;
  const expiresAt = new Date(now.getTime() + UPLOAD_URL_SECONDS * 1000);
  const signed = await Storage.presignPut(
    { key, contentType: input.content_type, sizeBytes: input.size_bytes, sha256: input.sha256 },
    UPLOAD_URL_SECONDS,
  );
  await Db.transaction(async () => {
    await lockMembers([], "no key update");
    if (granted) {
      await Db.use().update(uploads).set({ expiresAt }).where(eq(uploads.id, id));
      return;
    }
    const ownerId = await lockOpen(contributionId);
    await assertRoom(contributionId, ownerId, await countUnusedUploads(contributionId, userId));
    await assertUploadQuota(userId);
    await assertBytes(userId, input.size_bytes);
    await Db.use().insert(uploads).values({
      id,
      contributionId,
      userId,
      objectKey: key,
      fileName: input.file_name,
      contentType: input.content_type,
      sizeBytes: input.size_bytes,
      sha256: input.sha256,
      createdAt: now,
      expiresAt,
    });
  });
  return { upload_id: id, ...signed, expires_at: expiresAt.toISOString(), part_size_bytes: PART_BYTES };
}

/** The member's newest upload of the last 24 hours for exactly this file that no piece of evidence uses. */
async function grantedUpload(
  contributionId: string,
  userId: string,
  input: UploadRequest,
): Promise<{ readonly id: string; readonly objectKey: string } | undefined> {
  const [upload] = await Db.use()
    .select({ id: uploads.id, objectKey: uploads.objectKey })
    .from(uploads)
    .where(
      and(
        eq(uploads.contributionId, contributionId),
        eq(uploads.userId, userId),
        eq(uploads.sha256, input.sha256),
        eq(uploads.contentType, input.content_type),
        eq(uploads.sizeBytes, input.size_bytes),
        gt(uploads.createdAt, renewableSince()),
        isOpenUpload,
      ),
    )
    .orderBy(desc(uploads.createdAt))
    .limit(1);
  return upload;
}
