import { and, desc, eq, gt, ne } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { UNUSED_UPLOAD_DAYS } from "../../platform/bounds.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Id } from "../../platform/id.ts";
import { Storage } from "../../platform/storage/index.ts";
import { User } from "../user/index.ts";
import { assertOpen } from "./assert-open.ts";
import { evidence, isOpenUpload, uploads, wasAccepted } from "./evidence.sql.ts";
import { FILE_RULES, PART_BYTES } from "./file-rules.ts";
import type { Submission, UploadRequest } from "./input.ts";
import { assertRoom, openTickets } from "./limit.ts";
import { assertBytes, assertUploadQuota } from "./upload-quota.ts";
import type { Upload } from "./schema.ts";
import { UPLOAD_URL_SECONDS, renewableSince, storedFile } from "./upload-parts.ts";

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
    await User.lockMembers([], "no key update");
    if (granted) {
      await Db.use().update(uploads).set({ expiresAt }).where(eq(uploads.id, id));
      return;
    }
    const ownerId = await assertOpen(contributionId, "no key update");
    await assertRoom(contributionId, ownerId, await openTickets(contributionId, userId));
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

/**
 * The stored object of the upload that the submitter names, after checking that the upload is theirs, is for this
 * contribution, has the declared hash, and is open. Uses no database connection while it waits for the storage, so
 * {@link markUsed} checks again that the upload is open.
 */
export async function claimUpload(
  contributionId: string,
  input: Submission & { evidence_type: "photo_with_timestamp" },
  userId: string,
) {
  await assertOpen(contributionId);
  const [upload] = await Db.use()
    .select()
    .from(uploads)
    .where(
      and(eq(uploads.id, input.upload_id), eq(uploads.contributionId, contributionId), eq(uploads.userId, userId)),
    );
  if (!upload)
    throw invalidField("upload_id", "unknown_reference", "must be the id of one of your uploads for this contribution");
  if (upload.sha256 !== input.proof.media_hash) {
    throw new AppError("UPLOAD_MISMATCH", {
      detail: "proof.media_hash differs from the declared sha256 of the upload.",
      errors: [
        {
          field: "proof.media_hash",
          code: "mismatch",
          message: "must be the declared sha256 of the upload",
        },
      ],
    });
  }
  const [other] = await Db.use()
    .select({ id: evidence.id })
    .from(evidence)
    .where(and(eq(evidence.mediaHash, upload.sha256), wasAccepted, ne(evidence.contributionId, contributionId)));
  if (other) throw new AppError("DUPLICATE_FILE");
  // Without this check, the file of a withdrawn or refused piece could be assembled again from parts that are still
  // stored.
  if (upload.status !== "open") throw unusable(upload.status);
  const stored = await storedFile(upload);
  if (stored.sizeBytes !== upload.sizeBytes || stored.contentType !== upload.contentType)
    throw new AppError("UPLOAD_MISMATCH");
  return stored;
}

/**
 * Marks an upload as used by evidence. Must run in the transaction that adds the piece. If a sweep ends the upload at
 * the same time, waits for the sweep and then fails.
 * @throws AppError UPLOAD_ALREADY_USED, UPLOAD_MISSING
 */
export async function markUsed(uploadId: string): Promise<void> {
  const [used] = await Db.use()
    .update(uploads)
    .set({ status: "used" })
    .where(and(eq(uploads.id, uploadId), isOpenUpload))
    .returning({ id: uploads.id });
  if (used) return;
  const [upload] = await Db.use().select({ status: uploads.status }).from(uploads).where(eq(uploads.id, uploadId));
  throw unusable(upload?.status ?? "ended");
}

const unusable = (status: typeof uploads.$inferSelect.status): AppError =>
  status === "used"
    ? new AppError("UPLOAD_ALREADY_USED")
    : new AppError("UPLOAD_MISSING", {
        detail: `The file was not submitted within ${UNUSED_UPLOAD_DAYS} days of its upload, so it was deleted. Upload it again.`,
      });
