import { and, asc, eq } from "drizzle-orm";
import { Actor } from "../actor.ts";
import { Audit } from "../audit/index.ts";
import { Clock } from "../clock.ts";
import { Contribution } from "../contribution/index.ts";
import type { EvidenceFacts } from "../contribution/quality.ts";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import { Storage } from "../storage/index.ts";
import { evidence, uploads } from "./evidence.sql.ts";
import { type Info, describe, maySeeDetails, visible, witnessesOf } from "./view.ts";

export { Submission, UploadRequest } from "./input.ts";
export { submit } from "./submit.ts";
export { type UploadTicket, requestUpload } from "./upload.ts";
export type { Info } from "./view.ts";

const DOWNLOAD_URL_SECONDS = 900;

/**
 * One piece of evidence. That somebody other than its submitter and the contribution's owner saw the details is audited.
 * @throws AppError NOT_FOUND
 */
export async function get(evidenceId: string): Promise<Info> {
  const [row] = await Db.use()
    .select()
    .from(evidence)
    .where(and(eq(evidence.id, evidenceId), visible()));
  if (!row) throw new AppError("NOT_FOUND");
  const { userId } = await Contribution.standing(row.contributionId);
  if (maySeeDetails(row, userId) && !isOwn(row, userId))
    await Audit.record("evidence.read", "evidence", row.id, { contribution_id: row.contributionId });
  return describe(row, userId, await witnessesOf([row.id]));
}

/** The evidence of a contribution as the present actor may see it (audited as in {@link get}), and what counts of it for the score. */
export async function ofContribution(
  contributionId: string,
  ownerId: string,
): Promise<{ list: Info[]; facts: EvidenceFacts[] }> {
  const rows = await Db.use()
    .select()
    .from(evidence)
    .where(and(eq(evidence.contributionId, contributionId), visible()))
    .orderBy(asc(evidence.id));
  const read = rows.filter((row) => maySeeDetails(row, ownerId) && !isOwn(row, ownerId));
  if (read.length > 0)
    await Audit.record("evidence.read", "contribution", contributionId, { evidence_ids: read.map((row) => row.id) });
  const named = await witnessesOf(rows.map((row) => row.id));
  const accepted = rows.filter((row) => row.status === "accepted" && row.hiddenAt === null);
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
    .where(and(eq(evidence.id, evidenceId), visible()));
  if (!found || found.row.erasedAt) throw new AppError("NOT_FOUND");
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

function isOwn(row: typeof evidence.$inferSelect, ownerId: string): boolean {
  const { userId } = Actor.member();
  return userId === row.submittedBy || userId === ownerId;
}

export * as Evidence from "./index.ts";
