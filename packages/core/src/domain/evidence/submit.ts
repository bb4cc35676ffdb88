import { and, eq, ne } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { UNUSED_UPLOAD_DAYS } from "../../platform/bounds.ts";
import { refuseBlocked } from "../block/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Event } from "../../outbox/index.ts";
import { Id } from "../../platform/id.ts";
import { Metrics } from "../../platform/metrics/index.ts";
import { Storage, type StoredObject } from "../../platform/storage/index.ts";
import { lockMembers } from "../user/row.ts";
import { assertMayAdd, assertOpen, lockOpen } from "./admission.ts";
import { findingsOfSubmission } from "./comparisons.ts";
import { emitOrAskConsent, statusOf } from "./decision.ts";
import { evidence, isOpenUpload, uploads, wasAccepted, witnesses } from "./evidence.sql.ts";
import type { Finding } from "./findings.ts";
import type { Submission } from "./input.ts";
import { enqueue } from "./queue.ts";
import type { Info } from "./schema.ts";
import { assemble } from "./upload-parts.ts";
import { describeOne } from "./view.ts";

/**
 * Adds a piece of evidence. A piece with a file is `examining` until the worker has examined it. Other pieces are
 * accepted at once if the contribution's owner adds them, and await the owner's consent if another member does.
 * @throws AppError UNAUTHENTICATED, NOT_FOUND, VALIDATION_FAILED, RULE_VIOLATED, UPLOAD_MISSING, UPLOAD_MISMATCH,
 * UPLOAD_ALREADY_USED, DUPLICATE_FILE, VERIFICATION_CLOSED, EVIDENCE_LIMIT_REACHED, CONTENT_HIDDEN; FORBIDDEN when the
 * contribution's owner or a witness has blocked the submitter, or when the submitter has voted on the contribution
 */
export async function submit(contributionId: string, input: Submission): Promise<Info> {
  const { userId } = Actor.member();
  const file =
    input.evidence_type === "photo_with_timestamp" ? await submittedFile(contributionId, input, userId) : undefined;
  return Event.act(async () => {
    // Locks the submitter and the contribution, so that pieces of one member, and of one contribution, are added one
    // after another and each is compared with all earlier ones.
    await lockMembers([], "no key update");
    const ownerId = await lockOpen(contributionId);
    await assertMayAdd(contributionId, ownerId);
    if (input.evidence_type === "witness_attestation") await assertWitnesses(input.proof.witnesses, ownerId);
    const findings = await findingsOfSubmission({ contributionId, submittedBy: userId }, ownerId, input);
    const status = file ? "examining" : statusOf(userId, ownerId);
    const row = await insert(contributionId, userId, input, specifics(input, status, findings, file?.versionId));
    if (file) {
      Event.afterAct(() => enqueue(row.id));
      Metrics.count("file_uploads_total", { content_type: file.contentType ?? "unknown" });
      Metrics.observe("file_upload_size_bytes", file.sizeBytes);
    } else await emitOrAskConsent(row, ownerId);
    return describeOne(row, ownerId);
  });
}

/**
 * The stored object of the upload that the submitter names, after checking that the upload is theirs, is for this
 * contribution, has the declared hash, and is open. Uses no database connection while it waits for the storage, so
 * {@link markUsed} checks again that the upload is open.
 */
async function submittedFile(
  contributionId: string,
  input: Submission & { evidence_type: "photo_with_timestamp" },
  userId: string,
): Promise<StoredObject> {
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
  const isInParts = upload.multipartId !== null;
  const stored = (await Storage.head(upload.objectKey)) ?? (isInParts ? await assemble(upload) : undefined);
  if (!stored) throw new AppError("UPLOAD_MISSING");
  if (stored.sizeBytes !== upload.sizeBytes || stored.contentType !== upload.contentType)
    throw new AppError("UPLOAD_MISMATCH");
  return stored;
}

async function assertWitnesses(named: readonly { witness_id?: string | undefined }[], ownerId: string): Promise<void> {
  const ids = named.map((witness) => witness.witness_id).filter((id) => id !== undefined);
  if (ids.includes(ownerId))
    throw new AppError("RULE_VIOLATED", { detail: "The contributor cannot be a witness of their own contribution." });
  if (ids.length === 0) return;
  const known = await lockMembers(ids);
  const unknown = named.findIndex((witness) => witness.witness_id !== undefined && !known.has(witness.witness_id));
  if (unknown >= 0)
    throw invalidField(`proof.witnesses.${unknown}.witness_id`, "unknown_reference", "must be the id of a member");
  await refuseBlocked(ids);
}

/**
 * Marks an upload as used by evidence. Must run in the transaction that adds the piece. If a sweep ends the upload at
 * the same time, waits for the sweep and then fails.
 * @throws AppError UPLOAD_ALREADY_USED, UPLOAD_MISSING
 */
async function markUsed(uploadId: string): Promise<void> {
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

async function insert(
  contributionId: string,
  userId: string,
  input: Submission,
  own: Specifics,
): Promise<typeof evidence.$inferSelect> {
  const claimedAt = new Date(input.proof.timestamp);
  const common = {
    id: Id.uuid(),
    contributionId,
    submittedBy: userId,
    evidenceType: input.evidence_type,
    claimedAt,
    evidenceData: input.evidence_data,
  };
  if (input.evidence_type === "photo_with_timestamp") await markUsed(input.upload_id);
  try {
    const row = Db.only(
      await Db.use()
        .insert(evidence)
        .values({ ...common, ...own })
        .returning(),
    );
    if (input.evidence_type === "witness_attestation") {
      await Db.use()
        .insert(witnesses)
        .values(
          input.proof.witnesses.map((witness, index) => ({
            evidenceId: row.id,
            position: index + 1,
            witnessName: witness.witness_name,
            witnessId: witness.witness_id ?? null,
            relationship: witness.relationship ?? null,
            statement: witness.statement ?? null,
          })),
        );
    }
    return row;
  } catch (error) {
    // The previous release, which may still run during a deployment, does not mark uploads as used: this constraint
    // then detects the second use.
    if (Db.brokenConstraint(error) === "evidence_upload_id_key") throw new AppError("UPLOAD_ALREADY_USED");
    throw error;
  }
}

type Specifics = Pick<typeof evidence.$inferInsert, "status"> & Partial<typeof evidence.$inferInsert>;

function specifics(
  input: Submission,
  status: "examining" | "accepted" | "awaiting_consent",
  findings: Finding[],
  versionId: string | undefined,
): Specifics {
  const common = { status, decidedAt: status === "accepted" ? Clock.now() : null, findings };
  switch (input.evidence_type) {
    case "photo_with_timestamp":
      return {
        ...common,
        mediaHash: input.proof.media_hash,
        uploadId: input.upload_id,
        objectVersionId: versionId ?? null,
      };
    case "gps_verification":
      return {
        ...common,
        latitude: input.proof.location.lat,
        longitude: input.proof.location.lon,
        accuracyMeters: input.proof.accuracy_meters ?? null,
        altitudeMeters: input.proof.altitude_meters ?? null,
        speedMps: input.proof.speed_mps ?? null,
      };
    case "witness_attestation":
      return common;
  }
}
