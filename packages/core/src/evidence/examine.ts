import { and, eq, isNull } from "drizzle-orm";
import { Clock } from "../clock.ts";
import { standing } from "../contribution/standing.ts";
import { Db } from "../db/index.ts";
import { Event } from "../event/index.ts";
import { Storage } from "../storage/index.ts";
import { emitAccepted } from "./accepted.ts";
import { likenessDoubts, placesOf } from "./doubts.ts";
import { evidence, uploads } from "./evidence.sql.ts";
import { type FileResult, examineFile } from "./examine-file.ts";
import { type Finding, placeFindings, timeFindings } from "./findings.ts";

type Row = typeof evidence.$inferSelect;
type Genuine = Pick<Extract<FileResult, { ok: true }>, "exif" | "looks">;

/**
 * Reads the file of a piece of evidence, the exact version that was submitted, and accepts or refuses it. Doing it again, or
 * twice at once, changes nothing; nor does it change a hidden piece, which is examined once it is shown again.
 * @throws when storage or database fail; the message is then delivered again
 */
export async function examine(evidenceId: string): Promise<"accepted" | "refused" | "unchanged"> {
  const [found] = await Db.use()
    .select({ row: evidence, upload: uploads })
    .from(evidence)
    .innerJoin(uploads, eq(uploads.id, evidence.uploadId))
    .where(eq(evidence.id, evidenceId));
  if (!found || found.row.status !== "examining" || found.row.hiddenAt !== null) return "unchanged";
  const { row, upload } = found;
  const versionId = row.objectVersionId ?? undefined;
  const bytes = await Storage.read(upload.objectKey, versionId);
  const result = await examineFile(bytes, upload);
  if (!result.ok) return refuse(evidenceId, result.code, result.detail);
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

async function accept(row: Row, { exif, looks }: Genuine) {
  try {
    return await Event.act(async () => {
      // As who submits a reading does: of a picture and a reading that meet, the later one tells of the other.
      await standing(row.contributionId, "no key update");
      const findings = [...row.findings, ...(await doubtsAbout(row, { exif, looks }))];
      const now = Clock.now();
      const [accepted] = await Db.use()
        .update(evidence)
        .set({
          status: "accepted",
          findings,
          exif: { ...exif },
          pictureHash: looks ?? null,
          decidedAt: now,
          updatedAt: now,
        })
        .where(and(eq(evidence.id, row.id), eq(evidence.status, "examining"), isNull(evidence.hiddenAt)))
        .returning();
      if (!accepted) return "unchanged";
      await emitAccepted(accepted);
      return "accepted";
    });
  } catch (error) {
    if (Db.brokenConstraint(error) !== "evidence_media_hash_accepted_key") throw error;
    return refuse(row.id, "DUPLICATE_FILE", "The file is evidence already.");
  }
}

async function doubtsAbout(row: Row, { exif, looks }: Genuine): Promise<Finding[]> {
  const others = await placesOf(row.contributionId);
  return [
    ...timeFindings(row.claimedAt, exif, exif.place ? [exif.place] : others),
    ...placeFindings(exif.place, others),
    ...(looks === undefined ? [] : await likenessDoubts(row.contributionId, looks)),
  ];
}

async function refuse(
  evidenceId: string,
  refusalCode: string,
  refusalDetail: string,
): Promise<"refused" | "unchanged"> {
  const now = Clock.now();
  const rows = await Db.use()
    .update(evidence)
    .set({ status: "refused", refusalCode, refusalDetail, decidedAt: now, updatedAt: now })
    .where(and(eq(evidence.id, evidenceId), eq(evidence.status, "examining")))
    .returning({ id: evidence.id });
  return rows.length > 0 ? "refused" : "unchanged";
}
