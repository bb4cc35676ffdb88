import { and, eq, ne } from "drizzle-orm";
import { UNUSED_UPLOAD_DAYS } from "../../platform/bounds.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Multipart, Storage, type StoredObject, type StoredPart } from "../../platform/storage/index.ts";
import { assertOpen } from "./admission.ts";
import { type UploadRow, evidence, isOpenUpload, uploads, wasAccepted } from "./evidence.sql.ts";
import { partSizesOf } from "./file-rules.ts";
import type { Submission } from "./input.ts";

/**
 * The stored object of the upload that the submitter names, after checking that the upload is theirs, is for this
 * contribution, has the declared hash, and is open. Uses no database connection while it waits for the storage, so
 * {@link markUsed} checks again that the upload is open.
 */
export async function checkUpload(
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

/** The parts of an upload that the storage has; undefined if it has no open upload in parts. */
export async function storedParts({ objectKey, multipartId }: UploadRow): Promise<StoredPart[] | undefined> {
  return multipartId === null ? undefined : Multipart.partsOf({ key: objectKey, multipartId });
}

/** The stored parts that have the expected length for their part number. */
export function validParts(upload: UploadRow, parts: readonly StoredPart[]): StoredPart[] {
  const sizes = partSizesOf(upload.sizeBytes);
  return parts.filter(({ partNumber, sizeBytes }) => sizes[partNumber - 1] === sizeBytes);
}

/**
 * The stored file of an upload. If the file was sent in parts, assembles it first. The storage has checked the hash of
 * each part; the examination compares the hash of the whole file with the declaration.
 * @throws AppError UPLOAD_MISSING, which names the missing parts
 */
async function storedFile(upload: UploadRow): Promise<StoredObject> {
  const stored = await Storage.head(upload.objectKey);
  if (stored) return stored;
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
  const assembled = await Storage.head(key);
  if (!assembled) throw new AppError("UPLOAD_MISSING");
  return assembled;
}

/** Forgets the storage's id of an upload in parts that has ended. */
export async function forget({ id, multipartId }: Pick<UploadRow, "id" | "multipartId">): Promise<void> {
  await Db.use()
    .update(uploads)
    .set({ multipartId: null })
    .where(and(eq(uploads.id, id), eq(uploads.multipartId, multipartId ?? "")));
}
