import { and, desc, eq, gt, ne, notExists, sql } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { refuseBlocked } from "../block/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Contribution } from "../contribution/index.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Id } from "../../platform/id.ts";
import { Hidden } from "../hidden/index.ts";
import { Storage } from "../../platform/storage/index.ts";
import { User } from "../user/index.ts";
import { evidence, uploads, wasAccepted } from "./evidence.sql.ts";
import { FILE_RULES } from "./file-rules.ts";
import type { Submission, UploadRequest } from "./input.ts";
import { assertRoom, openTickets } from "./limit.ts";
import { assertUploadQuota } from "./upload-quota.ts";
import type { Upload } from "./schema.ts";

const UPLOAD_URL_SECONDS = 300;
/** Time in which an unused upload can get new URLs: a large file on a slow network may need several. */
const RENEWABLE_HOURS = 24;

/**
 * A URL that accepts one file, bound to its key, length, type and hash, for 5 minutes. The bytes never pass through the
 * API. A second request for the same file within a day renews the existing upload, which counts towards no limit; bytes
 * already uploaded stay.
 * @throws AppError NOT_FOUND, VERIFICATION_CLOSED, EVIDENCE_LIMIT_REACHED, CONTENT_HIDDEN; FORBIDDEN when the
 * contribution's owner has blocked the member; RATE_LIMITED when the upload quota is used up
 */
export async function requestUpload(contributionId: string, input: UploadRequest): Promise<Upload> {
  const { userId } = Actor.member();
  await assertOpen(contributionId);
  const now = Clock.now();
  const granted = await grantedUpload(contributionId, userId, input, now);
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
  return { upload_id: id, ...signed, expires_at: expiresAt.toISOString() };
}

/** The member's newest upload of the last 24 hours for exactly this file that no piece of evidence uses. */
async function grantedUpload(
  contributionId: string,
  userId: string,
  input: UploadRequest,
  now: Date,
): Promise<{ readonly id: string; readonly objectKey: string } | undefined> {
  const uses = Db.use()
    .select({ one: sql`1` })
    .from(evidence)
    .where(eq(evidence.uploadId, uploads.id));
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
        gt(uploads.createdAt, new Date(now.getTime() - RENEWABLE_HOURS * 3_600_000)),
        notExists(uses),
      ),
    )
    .orderBy(desc(uploads.createdAt))
    .limit(1);
  return upload;
}

/**
 * Checks that a contribution accepts evidence from the current member.
 * @returns the owner's id
 * @throws AppError NOT_FOUND, FORBIDDEN, CONTENT_HIDDEN; VERIFICATION_CLOSED for a decided contribution
 */
async function assertOpen(contributionId: string, lock?: "no key update"): Promise<string> {
  const contribution = await Contribution.ownerAndStatus(contributionId, lock);
  Hidden.assertNot(contribution);
  await refuseBlocked([contribution.userId]);
  if (contribution.verificationStatus !== "pending") throw new AppError("VERIFICATION_CLOSED");
  return contribution.userId;
}

/**
 * The stored object of the upload that the submitter names, after checking that the upload is theirs, is for this
 * contribution, has the declared hash, and is unused.
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
  const stored = await Storage.head(upload.objectKey);
  if (!stored) throw new AppError("UPLOAD_MISSING");
  if (stored.sizeBytes !== upload.sizeBytes || stored.contentType !== upload.contentType)
    throw new AppError("UPLOAD_MISMATCH");
  return stored;
}
