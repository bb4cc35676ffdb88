import { and, asc, eq, inArray, ne } from "drizzle-orm";
import { Actor } from "../actor.ts";
import { Audit } from "../audit/index.ts";
import { Clock } from "../clock.ts";
import { Contribution } from "../contribution/index.ts";
import type { EvidenceFacts } from "../contribution/quality.ts";
import { Db } from "../db/index.ts";
import { AppError, invalidField } from "../error.ts";
import { Event } from "../event/index.ts";
import { Id } from "../id.ts";
import { Metrics } from "../metrics/index.ts";
import { Storage } from "../storage/index.ts";
import { users } from "../user/user.sql.ts";
import { EVIDENCE_STATUSES, EVIDENCE_TYPES, evidence, uploads, witnesses } from "./evidence.sql.ts";
import { FILE_RULES } from "./file-rules.ts";
import { type Finding, type Place, accuracyFindings, spreadFindings } from "./findings.ts";
import { type Submission, type UploadRequest } from "./input.ts";
import { emitAccepted } from "./accepted.ts";
import { enqueue } from "./queue.ts";

export { Submission, UploadRequest } from "./input.ts";

const UPLOAD_URL_SECONDS = 300;
const DOWNLOAD_URL_SECONDS = 900;

export interface UploadTicket extends Storage.PresignedUpload {
  readonly upload_id: string;
  readonly expires_at: string;
}

export interface Info {
  readonly id: string;
  readonly contribution_id: string;
  readonly submitted_by: string;
  readonly evidence_type: (typeof EVIDENCE_TYPES)[number];
  readonly status: (typeof EVIDENCE_STATUSES)[number];
  readonly timestamp: string;
  readonly media_hash: string | null;
  readonly refusal: { readonly code: string; readonly detail: string } | null;
  readonly created_at: string;
  readonly decided_at: string | null;
  /** Only for its submitter, the contribution's owner, verifiers and admins; null for others. */
  readonly details: Details | null;
}

interface Details {
  readonly location: Place | null;
  readonly accuracy_meters: number | null;
  readonly altitude_meters: number | null;
  readonly speed_mps: number | null;
  readonly witnesses: readonly WitnessInfo[];
  readonly evidence_data: Readonly<Record<string, unknown>>;
  readonly findings: readonly Finding[];
}

interface WitnessInfo {
  readonly witness_name: string;
  readonly witness_id: string | null;
  readonly relationship: string | null;
  readonly statement: string | null;
}

/**
 * A URL that takes one file, bound to its key, length, type and hash, for 5 minutes. The bytes never pass through the API.
 * @throws AppError NOT_FOUND
 */
export async function requestUpload(contributionId: string, input: UploadRequest): Promise<UploadTicket> {
  const { userId } = Actor.member();
  await Contribution.standing(contributionId);
  const now = Clock.now();
  const id = Id.uuid();
  const rule = FILE_RULES[input.content_type];
  const day = now.toISOString().slice(0, 10).replaceAll("-", "/");
  const key = `${rule.folder}/${day}/${userId}_${contributionId}_${id}.${rule.extension}`;
  const expiresAt = new Date(now.getTime() + UPLOAD_URL_SECONDS * 1000);
  const signed = await Storage.presignPut(
    { key, contentType: input.content_type, sizeBytes: input.size_bytes, sha256: input.sha256 },
    UPLOAD_URL_SECONDS,
  );
  await Db.use().insert(uploads).values({
    id,
    contributionId,
    userId,
    objectKey: key,
    fileName: input.file_name,
    contentType: input.content_type,
    sizeBytes: input.size_bytes,
    sha256: input.sha256,
    expiresAt,
  });
  return { upload_id: id, ...signed, expires_at: expiresAt.toISOString() };
}

/**
 * Adds a piece of evidence. One with a file is `examining` until the worker has read it; the others are accepted at once.
 * @throws AppError NOT_FOUND, VALIDATION_FAILED, RULE_VIOLATED, UPLOAD_MISSING, UPLOAD_MISMATCH, UPLOAD_ALREADY_USED, DUPLICATE_FILE
 */
export async function submit(contributionId: string, input: Submission): Promise<Info> {
  const { userId } = Actor.member();
  const file =
    input.evidence_type === "photo_with_timestamp" ? await claimUpload(contributionId, input, userId) : undefined;
  return Event.act(async () => {
    const contribution = await Contribution.standing(contributionId, "share");
    if (input.evidence_type === "witness_attestation")
      await assertWitnesses(input.proof.witnesses, contribution.userId);
    const row = await insert(contributionId, userId, input, file?.versionId);
    if (file) {
      Event.afterAct(() => enqueue(row.id));
      Metrics.count("file_uploads_total", { content_type: file.contentType ?? "unknown" });
      Metrics.observe("file_upload_size_bytes", file.sizeBytes);
    } else {
      await emitAccepted(row);
    }
    return describe(row, contribution.userId, await witnessesOf([row.id]));
  });
}

/** The upload that the submitter names: theirs, for this contribution, with the declared hash, stored, and not used before. */
async function claimUpload(
  contributionId: string,
  input: Submission & { evidence_type: "photo_with_timestamp" },
  userId: string,
) {
  await Contribution.standing(contributionId);
  const [upload] = await Db.use()
    .select()
    .from(uploads)
    .where(
      and(eq(uploads.id, input.upload_id), eq(uploads.contributionId, contributionId), eq(uploads.userId, userId)),
    );
  if (!upload) throw invalidField("upload_id", "unknown", "names no upload of yours for this contribution");
  if (upload.sha256 !== input.proof.media_hash) {
    throw new AppError("UPLOAD_MISMATCH", {
      detail: "proof.media_hash is not the sha256 that the upload was declared with.",
      errors: [
        {
          field: "proof.media_hash",
          code: "mismatch",
          message: "must be the sha256 that the upload was declared with",
        },
      ],
    });
  }
  const [other] = await Db.use()
    .select({ id: evidence.id })
    .from(evidence)
    .where(
      and(
        eq(evidence.mediaHash, upload.sha256),
        eq(evidence.status, "accepted"),
        ne(evidence.contributionId, contributionId),
      ),
    );
  if (other) throw new AppError("DUPLICATE_FILE");
  const stored = await Storage.head(upload.objectKey);
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
  const known = new Set(
    (await Db.use().select({ id: users.id }).from(users).where(inArray(users.id, ids))).map((row) => row.id),
  );
  const unknown = named.findIndex((witness) => witness.witness_id !== undefined && !known.has(witness.witness_id));
  if (unknown >= 0) throw invalidField(`proof.witnesses.${unknown}.witness_id`, "unknown", "names no member");
}

async function insert(
  contributionId: string,
  userId: string,
  input: Submission,
  versionId: string | undefined,
): Promise<typeof evidence.$inferSelect> {
  const now = Clock.now();
  const claimedAt = new Date(input.proof.timestamp);
  const others = await Db.use()
    .select({ claimedAt: evidence.claimedAt })
    .from(evidence)
    .where(and(eq(evidence.contributionId, contributionId), ne(evidence.status, "refused")));
  const spread = spreadFindings(
    claimedAt,
    others.map((other) => other.claimedAt),
  );
  const common = {
    id: Id.uuid(),
    contributionId,
    submittedBy: userId,
    evidenceType: input.evidence_type,
    claimedAt,
    evidenceData: input.evidence_data,
  };
  try {
    const [row] = await Db.use()
      .insert(evidence)
      .values({ ...common, ...specifics(input, now, spread, versionId) })
      .returning();
    if (!row) throw new Error("the insert returned nothing");
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
    if (Db.brokenConstraint(error) === "evidence_upload_id_key") throw new AppError("UPLOAD_ALREADY_USED");
    throw error;
  }
}

type Specifics = Pick<typeof evidence.$inferInsert, "status"> & Partial<typeof evidence.$inferInsert>;

function specifics(input: Submission, now: Date, spread: Finding[], versionId: string | undefined): Specifics {
  switch (input.evidence_type) {
    case "photo_with_timestamp":
      return {
        status: "examining",
        mediaHash: input.proof.media_hash,
        uploadId: input.upload_id,
        objectVersionId: versionId ?? null,
        findings: spread,
      };
    case "gps_verification":
      return {
        status: "accepted",
        decidedAt: now,
        latitude: input.proof.location.lat,
        longitude: input.proof.location.lon,
        accuracyMeters: input.proof.accuracy_meters ?? null,
        altitudeMeters: input.proof.altitude_meters ?? null,
        speedMps: input.proof.speed_mps ?? null,
        findings: [...accuracyFindings(input.proof.accuracy_meters), ...spread],
      };
    case "witness_attestation":
      return { status: "accepted", decidedAt: now, findings: spread };
  }
}

/**
 * One piece of evidence.
 * @throws AppError NOT_FOUND
 */
export async function get(evidenceId: string): Promise<Info> {
  const [row] = await Db.use().select().from(evidence).where(eq(evidence.id, evidenceId));
  if (!row) throw new AppError("NOT_FOUND");
  const { userId } = await Contribution.standing(row.contributionId);
  return describe(row, userId, await witnessesOf([row.id]));
}

/** The evidence of a contribution as the present actor may see it, and what counts of it for the score. */
export async function ofContribution(
  contributionId: string,
  ownerId: string,
): Promise<{ list: Info[]; facts: EvidenceFacts[] }> {
  const rows = await Db.use()
    .select()
    .from(evidence)
    .where(eq(evidence.contributionId, contributionId))
    .orderBy(asc(evidence.id));
  const named = await witnessesOf(rows.map((row) => row.id));
  const accepted = rows.filter((row) => row.status === "accepted");
  return {
    list: rows.map((row) => describe(row, ownerId, named)),
    facts: accepted.map((row) => ({
      type: row.evidenceType,
      accuracyMeters: row.accuracyMeters,
      witnessCount: named.filter((witness) => witness.evidenceId === row.id).length,
    })),
  };
}

/**
 * A URL that downloads the original as an attachment, for 15 minutes; each grant is audited. Only for the contribution's
 * owner, the submitter, verifiers and admins; for others the file does not exist.
 * @throws AppError NOT_FOUND
 */
export async function download(evidenceId: string): Promise<{ url: string; expires_at: string }> {
  const [found] = await Db.use()
    .select({ row: evidence, upload: uploads })
    .from(evidence)
    .innerJoin(uploads, eq(uploads.id, evidence.uploadId))
    .where(eq(evidence.id, evidenceId));
  if (!found) throw new AppError("NOT_FOUND");
  const { userId } = await Contribution.standing(found.row.contributionId);
  if (!maySeeDetails(found.row, userId)) throw new AppError("NOT_FOUND");
  const expiresAt = new Date(Clock.now().getTime() + DOWNLOAD_URL_SECONDS * 1000);
  const url = await Storage.presignGet(
    found.upload.objectKey,
    found.row.objectVersionId ?? undefined,
    found.upload.fileName,
    DOWNLOAD_URL_SECONDS,
  );
  await Audit.record("evidence.download", "evidence", evidenceId, { contribution_id: found.row.contributionId });
  return { url, expires_at: expiresAt.toISOString() };
}

function maySeeDetails(row: typeof evidence.$inferSelect, ownerId: string): boolean {
  const { userId, roles } = Actor.member();
  return userId === ownerId || userId === row.submittedBy || roles.includes("verifier") || roles.includes("admin");
}

async function witnessesOf(evidenceIds: readonly string[]): Promise<(typeof witnesses.$inferSelect)[]> {
  if (evidenceIds.length === 0) return [];
  return Db.use()
    .select()
    .from(witnesses)
    .where(inArray(witnesses.evidenceId, [...evidenceIds]))
    .orderBy(asc(witnesses.position));
}

function describe(
  row: typeof evidence.$inferSelect,
  ownerId: string,
  named: readonly (typeof witnesses.$inferSelect)[],
): Info {
  return {
    id: row.id,
    contribution_id: row.contributionId,
    submitted_by: row.submittedBy,
    evidence_type: row.evidenceType,
    status: row.status,
    timestamp: row.claimedAt.toISOString(),
    media_hash: row.mediaHash,
    refusal: row.refusalCode === null ? null : { code: row.refusalCode, detail: row.refusalDetail ?? "" },
    created_at: row.createdAt.toISOString(),
    decided_at: row.decidedAt?.toISOString() ?? null,
    details: maySeeDetails(row, ownerId) ? toDetails(row, named) : null,
  };
}

function toDetails(row: typeof evidence.$inferSelect, named: readonly (typeof witnesses.$inferSelect)[]): Details {
  return {
    location: row.latitude === null || row.longitude === null ? null : { lat: row.latitude, lon: row.longitude },
    accuracy_meters: row.accuracyMeters,
    altitude_meters: row.altitudeMeters,
    speed_mps: row.speedMps,
    witnesses: named
      .filter((witness) => witness.evidenceId === row.id)
      .map((witness) => ({
        witness_name: witness.witnessName,
        witness_id: witness.witnessId,
        relationship: witness.relationship,
        statement: witness.statement,
      })),
    evidence_data: row.evidenceData,
    findings: row.findings,
  };
}

export * as Evidence from "./index.ts";
