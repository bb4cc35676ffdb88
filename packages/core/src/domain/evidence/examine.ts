import { and, eq, isNull, sql } from "drizzle-orm";
import * as v from "valibot";
import { Clock } from "../../platform/clock.ts";
import { standing } from "../contribution/standing.ts";
import { Db } from "../../platform/db/index.ts";
import { Event } from "../../outbox/index.ts";
import { Log } from "../../platform/log.ts";
import { Storage } from "../../platform/storage/index.ts";
import { emitAccepted } from "./accepted.ts";
import { likenessDoubts, placesOf, spreadDoubts } from "./doubts.ts";
import { evidence, uploads } from "./evidence.sql.ts";
import { Declared, type FileResult } from "./examiner/result.ts";
import { OverLimit, ProgramDied } from "./examiner/limited-process.ts";
import { inTurn, runExaminer } from "./examiner/run.ts";
import { type Finding, mergeFindings, metadataFindings, placeFindings, timeFindings } from "./findings.ts";
import { DUPLICATE, refuse } from "./refuse.ts";

type Row = typeof evidence.$inferSelect;
type Result = "accepted" | "awaiting_consent" | "refused" | "unchanged";
type Genuine = Pick<Extract<FileResult, { ok: true }>, "exif" | "looks">;

/** A file that killed its examiner this often is refused. */
const MOST_DEATHS = 2;
/** Examinations of one file that were started and never ended, for whatever reason; the file is then refused. */
const MOST_BEGUN = 5;

/**
 * Examines the file of a piece of evidence, in the exact version that was submitted, and accepts or refuses the piece;
 * a valid piece of a member other than the contribution's owner then awaits the owner's consent. Idempotent, also when
 * run concurrently. Does nothing if the piece was withdrawn, its contribution decided, or the piece hidden: a hidden
 * piece is examined once it is shown again.
 * @returns "again" when the examiner died without a result
 * @throws when storage or database fail; the message is then retried
 */
export async function examine(evidenceId: string): Promise<Result | "again"> {
  return inTurn(() => examineNow(evidenceId));
}

async function examineNow(evidenceId: string): Promise<Result | "again"> {
  const [found] = await Db.use()
    .select({ row: evidence, upload: uploads })
    .from(evidence)
    .innerJoin(uploads, eq(uploads.id, evidence.uploadId))
    .where(eq(evidence.id, evidenceId));
  if (!found || found.row.status !== "examining" || found.row.hiddenAt !== null) return "unchanged";
  const { row, upload } = found;
  const versionId = row.objectVersionId ?? undefined;
  const bytes = await Storage.read(upload.objectKey, versionId);
  const result = await resultOf(row, bytes, upload);
  if (result === "again") return result;
  if (!result.ok) return refuse(evidenceId, "examining", result);
  if (result.thumbnail) await Storage.write(Storage.thumbnailKey(evidenceId), "image/jpeg", result.thumbnail);
  await Storage.tag(upload.objectKey, versionId, {
    user_id: upload.userId,
    contribution_id: row.contributionId,
    evidence_type: row.evidenceType,
    media_hash: upload.sha256,
    retention_tier: "evidence-7y",
  });
  return accept(row, result);
}

/**
 * Runs the examiner. Examinations are counted before they start, so that a file which kills the whole worker is counted
 * too: otherwise the sweep would enqueue it for ever.
 */
async function resultOf(
  row: Row,
  bytes: Uint8Array,
  upload: typeof uploads.$inferSelect,
): Promise<FileResult | "again"> {
  const [counted] = await Db.use()
    .update(evidence)
    .set({ examinations: sql`${evidence.examinations} + 1` })
    .where(and(eq(evidence.id, row.id), eq(evidence.status, "examining")))
    .returning({ begun: evidence.examinations });
  const begun = counted?.begun ?? 1;
  const failed: FileResult = {
    ok: false,
    code: "EXAMINATION_FAILED",
    detail: "The file could not be examined: reading it ended the program that reads it.",
  };
  if (begun > MOST_BEGUN) return failed;
  try {
    return (await runExaminer(bytes, v.parse(Declared, upload))).result;
  } catch (error) {
    if (error instanceof OverLimit)
      return {
        ok: false,
        code: "EXAMINATION_LIMIT",
        detail: "The file takes more time or memory to read than an honest one needs.",
      };
    if (!(error instanceof ProgramDied)) {
      await forgetAttempt(row.id); // the examiner did not start, which is not the file's fault
      throw error;
    }
    Log.warn("an examiner died", { evidence_id: row.id, begun, reason: error.message });
    return begun >= MOST_DEATHS ? failed : "again";
  }
}

async function forgetAttempt(evidenceId: string): Promise<void> {
  await Db.use()
    .update(evidence)
    .set({ examinations: sql`greatest(${evidence.examinations} - 1, 0)` })
    .where(eq(evidence.id, evidenceId));
}

async function accept(row: Row, { exif, looks }: Genuine): Promise<Result> {
  try {
    return await Event.act(async () => {
      // The same lock as `submit` and the deciding vote take: of two concurrent pieces the one that commits second sees
      // the other, and a vote that decides leaves no piece in examination.
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
        .where(and(eq(evidence.id, row.id), eq(evidence.status, "examining"), isNull(evidence.hiddenAt)))
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
    ...(await spreadDoubts(row, row.claimedAt)), // other pieces may have been accepted since it was submitted
    ...metadataFindings(exif.unreadable),
    ...timeFindings(row.claimedAt, exif, exif.place ? [exif.place] : others),
    ...placeFindings(exif.place, others),
    ...(looks === undefined ? [] : await likenessDoubts(row.contributionId, looks)),
  ];
}
