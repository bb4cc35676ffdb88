import { and, eq, gt, isNotNull, sql } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Multipart, Storage, type StoredObject, type StoredPart } from "../../platform/storage/index.ts";
import { lockMembers } from "../user/row.ts";
import { assertOpen } from "./admission.ts";
import { type UploadRow, isOpenUpload, uploads } from "./evidence.sql.ts";
import { PART_BYTES, RENEWABLE_HOURS, UPLOAD_URL_SECONDS, partSizesOf, renewableSince } from "./file-rules.ts";
import type { PartsRequest } from "./input.ts";
import type { UploadParts, UploadProgress } from "./schema.ts";

/** Maximum number of abandoned uploads that one sweep ends. */
const ABANDONED_AT_ONCE = 100;

/**
 * The parts of a file that the storage has received: after an interruption, a client sends only the missing parts.
 * @throws AppError NOT_FOUND, also for another member's upload, for an upload older than a day, and for an upload that
 * evidence uses
 */
export async function progress(uploadId: string): Promise<UploadProgress> {
  const upload = await renewable(uploadId);
  const stored = await Storage.head(upload.objectKey);
  const parts = stored ? [] : ((await storedParts(upload)) ?? []);
  return {
    upload_id: upload.id,
    contribution_id: upload.contributionId,
    size_bytes: upload.sizeBytes,
    sha256: upload.sha256,
    part_size_bytes: PART_BYTES,
    parts: validParts(upload, parts).map(({ partNumber, sizeBytes }) => ({
      part_number: partNumber,
      size_bytes: sizeBytes,
    })),
    is_stored: stored !== undefined,
    resumable_until: new Date(upload.createdAt.getTime() + RENEWABLE_HOURS * 3_600_000).toISOString(),
  };
}

/**
 * URLs for parts of a file, each bound to the part's number, length and hash, valid for 5 minutes. Only the rate limit
 * of requests applies, since quotas count the upload when it is granted. The submission of the evidence assembles the
 * file from its parts.
 * @throws AppError NOT_FOUND as {@link progress}; VALIDATION_FAILED for a part that the file does not have;
 * VERIFICATION_CLOSED, CONTENT_HIDDEN; FORBIDDEN when the contribution's owner has blocked the member
 */
export async function presignParts(uploadId: string, input: PartsRequest): Promise<UploadParts> {
  const upload = await renewable(uploadId);
  await assertOpen(upload.contributionId);
  const sizes = partSizesOf(upload.sizeBytes);
  const beyond = input.parts.findIndex(({ part_number }) => part_number > sizes.length);
  if (beyond >= 0) throw invalidField(`parts.${beyond}.part_number`, "too_large", `must be at most ${sizes.length}`);
  const multipartId = await openedFor(upload);
  const expiresAt = new Date(Clock.now().getTime() + UPLOAD_URL_SECONDS * 1000);
  const parts = await Promise.all(
    input.parts.map(async ({ part_number: partNumber, sha256 }) => ({
      part_number: partNumber,
      ...(await Multipart.presignPart(
        { key: upload.objectKey, multipartId, partNumber, sizeBytes: sizes[partNumber - 1] ?? 0, sha256 },
        UPLOAD_URL_SECONDS,
      )),
    })),
  );
  await Db.use().update(uploads).set({ expiresAt }).where(eq(uploads.id, upload.id));
  return { upload_id: upload.id, parts, expires_at: expiresAt.toISOString() };
}

/**
 * Assembles the file of an upload in parts. The storage has checked the hash of each part; the examination compares
 * the hash of the whole file with the declaration.
 * @returns undefined if the storage has neither parts nor the file
 * @throws AppError UPLOAD_MISSING, which names the missing parts
 */
export async function assemble(upload: UploadRow): Promise<StoredObject | undefined> {
  const { objectKey: key, multipartId } = upload;
  const parts = await storedParts(upload);
  if (multipartId !== null && parts) {
    const present = validParts(upload, parts);
    const there = new Set(present.map(({ partNumber }) => partNumber));
    const missing = partSizesOf(upload.sizeBytes).flatMap((_, index) => (there.has(index + 1) ? [] : [index + 1]));
    if (missing.length > 0)
      throw new AppError("UPLOAD_MISSING", { detail: `These parts of the file are missing: ${missing.join(", ")}.` });
    await Multipart.complete({ key, multipartId }, present);
    await Db.outside(() => forget(upload));
  }
  // Another request may have assembled the file meanwhile.
  return Storage.head(key);
}

/** The current member's upload, if it can still get URLs. @throws AppError NOT_FOUND */
async function renewable(uploadId: string): Promise<UploadRow> {
  const { userId } = Actor.member();
  const [upload] = await Db.use()
    .select()
    .from(uploads)
    .where(
      and(eq(uploads.id, uploadId), eq(uploads.userId, userId), gt(uploads.createdAt, renewableSince()), isOpenUpload),
    );
  if (!upload) throw new AppError("NOT_FOUND");
  return upload;
}

/** Returns the storage's id of the open upload in parts. Begins an upload if there is none, or if the storage has ended it. */
async function openedFor(upload: UploadRow): Promise<string> {
  if (upload.multipartId !== null && (await storedParts(upload)) !== undefined) return upload.multipartId;
  const key = upload.objectKey;
  const begun = await Multipart.begin(key, upload.contentType);
  const kept = await keepFirst(upload, begun).catch(async (error: unknown) => {
    await Multipart.abort({ key, multipartId: begun });
    throw error;
  });
  if (kept !== begun) await Multipart.abort({ key, multipartId: begun }); // another request has stored its id first
  return kept;
}

/**
 * Stores the storage's id of an upload in parts, unless another request has stored an id since the upload was read.
 * Runs in a transaction of its own, so that no database connection is in use while the URLs are signed.
 * @returns the stored id, which may be the other request's
 */
function keepFirst({ id, multipartId: former }: UploadRow, begun: string): Promise<string> {
  const transaction = async () => {
    await lockMembers([], "no key update"); // prevents a concurrent deletion of the account, which would miss these parts
    const isFirst = sql`${uploads.multipartId} is not distinct from ${former}`;
    const [row] = await Db.use()
      .update(uploads)
      .set({ multipartId: sql`case when ${isFirst} then ${begun} else ${uploads.multipartId} end` })
      .where(eq(uploads.id, id))
      .returning({ multipartId: uploads.multipartId });
    if (typeof row?.multipartId !== "string") throw new AppError("NOT_FOUND");
    return row.multipartId;
  };
  return Db.outside(() => Db.transaction(transaction));
}

/**
 * Ends uploads in parts that were not finished within a day, and deletes their parts; S3's lifecycle does the same a
 * day later. Called by the sweep.
 * @returns the number of uploads that this call has ended
 */
export async function endAbandoned(): Promise<number> {
  // Compares the sum of creation time and 24 hours: for this expression, PostgreSQL uses the small index of open
  // uploads in parts, and not the index of the creation times of all uploads.
  const isOld = sql`${uploads.createdAt} + interval '${sql.raw(String(RENEWABLE_HOURS))} hours' < ${Clock.now().toISOString()}::timestamptz`;
  const abandoned = await Db.use()
    .select({ id: uploads.id, key: uploads.objectKey, multipartId: uploads.multipartId })
    .from(uploads)
    .where(and(isNotNull(uploads.multipartId), isOld))
    .limit(ABANDONED_AT_ONCE);
  for (const { id, key, multipartId } of abandoned) {
    if (multipartId !== null) await Multipart.abort({ key, multipartId });
    await forget({ id, multipartId });
  }
  return abandoned.length;
}

/** The parts of an upload that the storage has; undefined if it has no open upload in parts. */
async function storedParts({ objectKey, multipartId }: UploadRow): Promise<StoredPart[] | undefined> {
  return multipartId === null ? undefined : Multipart.partsOf({ key: objectKey, multipartId });
}

/** The stored parts that have the expected length for their part number. */
function validParts(upload: UploadRow, parts: readonly StoredPart[]): StoredPart[] {
  const sizes = partSizesOf(upload.sizeBytes);
  return parts.filter(({ partNumber, sizeBytes }) => sizes[partNumber - 1] === sizeBytes);
}

/** Forgets the storage's id of an upload in parts that has ended. */
async function forget({ id, multipartId }: Pick<UploadRow, "id" | "multipartId">): Promise<void> {
  await Db.use()
    .update(uploads)
    .set({ multipartId: null })
    .where(and(eq(uploads.id, id), eq(uploads.multipartId, multipartId ?? "")));
}

export * as UploadParts from "./upload-parts.ts";
