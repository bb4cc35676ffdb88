import { and, eq } from "drizzle-orm";
import { Clock } from "../clock.ts";
import { standing } from "../contribution/standing.ts";
import { Db } from "../db/index.ts";
import { Event } from "../event/index.ts";
import { Storage } from "../storage/index.ts";
import { emitAccepted } from "./accepted.ts";
import { likenessDoubts, placesOf, spreadDoubts } from "./doubts.ts";
import { evidence, uploads } from "./evidence.sql.ts";
import { type FileResult, examineFile } from "./examine-file.ts";
import { type Finding, mergeFindings, placeFindings, timeFindings } from "./findings.ts";
import { DUPLICATE, refuse } from "./refuse.ts";

type Row = typeof evidence.$inferSelect;
type Result = "accepted" | "awaiting_consent" | "refused" | "unchanged";
type Genuine = Pick<Extract<FileResult, { ok: true }>, "exif" | "looks">;

/**
 * Reads the file of a piece of evidence, the exact version that was submitted, and accepts or refuses it; one that is genuine and of
 * another member than the contribution's owner waits for the owner's consent. Doing it again, or twice at once, changes nothing; nor
 * does it when the piece was withdrawn, or the contribution decided, meanwhile.
 * @throws when storage or database fail; the message is then delivered again
 */
export async function examine(evidenceId: string): Promise<Result> {
  const [found] = await Db.use()
    .select({ row: evidence, upload: uploads })
    .from(evidence)
    .innerJoin(uploads, eq(uploads.id, evidence.uploadId))
    .where(eq(evidence.id, evidenceId));
  if (!found || found.row.status !== "examining") return "unchanged";
  const { row, upload } = found;
  const versionId = row.objectVersionId ?? undefined;
  const bytes = await Storage.read(upload.objectKey, versionId);
  const result = await examineFile(bytes, upload);
  if (!result.ok) return refuse(evidenceId, "examining", result);
  if (result.thumbnail) await Storage.write(`thumbnails/${evidenceId}.jpg`, "image/jpeg", result.thumbnail);
  await Storage.tag(upload.objectKey, versionId, {
    user_id: upload.userId,
    contribution_id: row.contributionId,
    evidence_type: row.evidenceType,
    media_hash: upload.sha256,
    retention_tier: "evidence-7y",
  });
  return accept(row, result);
}

async function accept(row: Row, { exif, looks }: Genuine): Promise<Result> {
  try {
    return await Event.act(async () => {
      // The lock that submitting and deciding take: of a picture and a reading that meet, the later one tells of the other, and
      // of the last vote and a picture, the vote leaves no piece in examination.
      const { userId } = await standing(row.contributionId, "no key update");
      const findings = mergeFindings(row.findings, await doubtsAbout(row, { exif, looks }));
      const now = Clock.now();
      const status = row.submittedBy === userId ? "accepted" : "awaiting_consent";
      const [changed] = await Db.use()
        .update(evidence)
        .set({
          status,
          findings,
          exif: { ...exif },
          pictureHash: looks ?? null,
          decidedAt: status === "accepted" ? now : null,
          updatedAt: now,
        })
        .where(and(eq(evidence.id, row.id), eq(evidence.status, "examining")))
        .returning();
      if (!changed) return "unchanged";
      if (status === "accepted") await emitAccepted(changed);
      return status;
    });
  } catch (error) {
    if (Db.brokenConstraint(error) !== "evidence_media_hash_accepted_key") throw error;
    return refuse(row.id, "examining", DUPLICATE);
  }
}

async function doubtsAbout(row: Row, { exif, looks }: Genuine): Promise<Finding[]> {
  const others = await placesOf(row);
  return [
    ...(await spreadDoubts(row, row.claimedAt)), // pieces may have been accepted since it was submitted
    ...timeFindings(row.claimedAt, exif, exif.place ? [exif.place] : others),
    ...placeFindings(exif.place, others),
    ...(looks === undefined ? [] : await likenessDoubts(row.contributionId, looks)),
  ];
}
