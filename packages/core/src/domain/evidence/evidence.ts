import { and, eq } from "drizzle-orm";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { ownerAndStatus } from "../contribution/access.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Storage } from "../../platform/storage/index.ts";
import { isDownloadable } from "./downloadable.ts";
import { evidence, uploads } from "./evidence.sql.ts";
import { isOwn } from "./list.ts";
import type { Download, Info, Thumbnail } from "./schema.ts";
import { describeOne, hasThumbnailFor, load, maySeeDetails, visible } from "./view.ts";

export { ListQuery, list } from "./list.ts";
export type { Download, Info, Thumbnail } from "./schema.ts";
export { witnessesOf } from "./view.ts";

const DOWNLOAD_URL_SECONDS = 900;
/** Time for which all requests get the same URL of a thumbnail, so that browsers load the picture once. */
const SAME_THUMBNAIL_URL_SECONDS = 1800;
const THUMBNAIL_URL_SECONDS = 2 * SAME_THUMBNAIL_URL_SECONDS;

/**
 * One piece of evidence. Reading its details is audited, except by its submitter and the contribution's owner.
 * @throws AppError NOT_FOUND
 */
export async function get(evidenceId: string): Promise<Info> {
  const row = await load(evidenceId);
  const { userId } = await ownerAndStatus(row.contributionId);
  if (maySeeDetails(row, userId) && !isOwn(row.submittedBy, userId))
    await Audit.recordRead("evidence.read", "evidence", row.id, { contribution_id: row.contributionId });
  return describeOne(row, userId);
}

/**
 * A URL that downloads the original as an attachment, valid for 15 minutes; each request is audited. Only for the
 * contribution's owner, the submitter, verifiers and admins; other members get NOT_FOUND, and so does every caller while
 * the file waits for its malware scan or is in quarantine.
 * @throws AppError NOT_FOUND
 */
export async function download(evidenceId: string): Promise<Download> {
  const [found] = await Db.use()
    .select({ row: evidence, upload: uploads })
    .from(evidence)
    .innerJoin(uploads, eq(uploads.id, evidence.uploadId))
    .where(and(eq(evidence.id, evidenceId), visible(), isDownloadable()));
  if (!found || found.row.erasedAt) throw new AppError("NOT_FOUND");
  const { userId } = await ownerAndStatus(found.row.contributionId);
  if (!maySeeDetails(found.row, userId)) throw new AppError("NOT_FOUND");
  const expiresAt = new Date(Clock.now().getTime() + DOWNLOAD_URL_SECONDS * 1000);
  const url = await Storage.presignGet(
    found.upload.objectKey,
    found.row.objectVersionId ?? undefined,
    found.upload.fileName,
    DOWNLOAD_URL_SECONDS,
  );
  await Audit.recordRead("evidence.download", "evidence", evidenceId, { contribution_id: found.row.contributionId });
  return { url, expires_at: expiresAt.toISOString() };
}

/**
 * A URL of the thumbnail, valid for 30 to 60 minutes, and the number of seconds until this URL changes, for which the
 * response may be cached. Not audited, since a thumbnail has no metadata and every member may see the thumbnail of an
 * accepted piece.
 * @throws AppError NOT_FOUND, also for a piece that has no thumbnail or whose thumbnail the current actor may not see
 */
export async function thumbnail(
  evidenceId: string,
): Promise<{ readonly answer: Thumbnail; readonly cacheSeconds: number }> {
  const row = await load(evidenceId);
  const { userId } = await ownerAndStatus(row.contributionId);
  if (!hasThumbnailFor(row, userId)) throw new AppError("NOT_FOUND");
  const nowSeconds = Clock.now().getTime() / 1000;
  const ageSeconds = Math.floor(nowSeconds % SAME_THUMBNAIL_URL_SECONDS);
  const signedAt = Math.floor(nowSeconds) - ageSeconds;
  const url = await Storage.presignThumbnail(
    Storage.thumbnailKey(row.id),
    new Date(signedAt * 1000),
    THUMBNAIL_URL_SECONDS,
  );
  const expiresAt = new Date((signedAt + THUMBNAIL_URL_SECONDS) * 1000).toISOString();
  return { answer: { url, expires_at: expiresAt }, cacheSeconds: SAME_THUMBNAIL_URL_SECONDS - ageSeconds };
}

export * as Evidence from "./evidence.ts";
