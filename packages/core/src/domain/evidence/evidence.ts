import { and, eq } from "drizzle-orm";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Contribution } from "../contribution/index.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Storage } from "../../platform/storage/index.ts";
import { evidence, uploads } from "./evidence.sql.ts";
import { isOwn } from "./list.ts";
import type { Download, Info } from "./schema.ts";
import { describe, maySeeDetails, visible, witnessesOf } from "./view.ts";

export { Consent, Submission, UploadRequest, Withdrawal } from "./input.ts";
export { ListQuery, list } from "./list.ts";
export type { Download, Info } from "./schema.ts";
export { witnessesOf } from "./view.ts";

const DOWNLOAD_URL_SECONDS = 900;

/**
 * One piece of evidence. Reading its details is audited, except by its submitter and the contribution's owner.
 * @throws AppError NOT_FOUND
 */
export async function get(evidenceId: string): Promise<Info> {
  const [row] = await Db.use()
    .select()
    .from(evidence)
    .where(and(eq(evidence.id, evidenceId), visible()));
  if (!row) throw new AppError("NOT_FOUND");
  const { userId } = await Contribution.ownerAndStatus(row.contributionId);
  if (maySeeDetails(row, userId) && !isOwn(row.submittedBy, userId))
    await Audit.record("evidence.read", "evidence", row.id, { contribution_id: row.contributionId });
  return describe(row, userId, await witnessesOf([row.id]));
}

/**
 * A URL that downloads the original as an attachment, valid for 15 minutes; each is audited. Only for the
 * contribution's owner, the submitter, verifiers and admins; for others the file does not exist.
 * @throws AppError NOT_FOUND
 */
export async function download(evidenceId: string): Promise<Download> {
  const [found] = await Db.use()
    .select({ row: evidence, upload: uploads })
    .from(evidence)
    .innerJoin(uploads, eq(uploads.id, evidence.uploadId))
    .where(and(eq(evidence.id, evidenceId), visible()));
  if (!found || found.row.erasedAt) throw new AppError("NOT_FOUND");
  const { userId } = await Contribution.ownerAndStatus(found.row.contributionId);
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

export * as Evidence from "./evidence.ts";
