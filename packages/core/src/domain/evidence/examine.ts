import { and, eq, sql } from "drizzle-orm";
import * as v from "valibot";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { lazy } from "../../platform/lazy.ts";
import { Log } from "../../platform/log.ts";
import { Storage } from "../../platform/storage/index.ts";
import { type Decision, finishExamination, refuse } from "./decision.ts";
import { evidence, uploads } from "./evidence.sql.ts";
import { Declared, type FileResult } from "./examiner/result.ts";
import { OverLimit, ProgramCrashed, limited, runExaminer } from "./examiner/run.ts";
import type { check } from "./malware.ts";
import { enqueue } from "./queue.ts";

type Row = typeof evidence.$inferSelect;

/** Number of crashes of the examiner on one file, after which the file is refused. */
const MAX_CRASHES = 2;
/** Number of started examinations of one file without a result, for any reason, after which the file is refused. */
const MAX_STARTS = 5;
/** Delay after which a deferred file is received again. */
const GIVE_WAY_SECONDS = 2;
/** Window in which a member's examinations are counted. */
const EXAMINATIONS_WINDOW_SECONDS = 3600;
/**
 * Maximum time for which a file is deferred. A file is deferred only in favour of files that have waited no longer than
 * this: the message of an older file may be lost.
 */
const LONGEST_GIVING_WAY_SECONDS = 300;
/** Maximum number of other members' waiting files that are considered, the oldest first. */
const WAITING_FILES = 100;

/**
 * Examines the file of a piece of evidence, in the exact version that was submitted, and accepts or refuses the piece; a
 * valid piece of a member other than the contribution's owner then awaits the owner's consent. Idempotent, also when run
 * concurrently. Does nothing if the piece was withdrawn, its contribution decided, or the piece hidden: a hidden piece
 * is examined once it is shown again.
 * @returns "again" when the examiner crashed without a result; "later" when another member's file goes first, and a
 * delayed message for this file was sent; "waiting" while the malware scan has no result: the scanner's message, or the
 * sweep, enqueues the examination again
 * @throws when storage, scanner or database fail; the message is then retried
 */
export async function examine(evidenceId: string): Promise<Decision | "again" | "later" | "waiting"> {
  return limited(() => examineNow(evidenceId));
}

/**
 * Examines the file of the piece that uses an object, after a scanner's message about the object.
 * @returns as {@link examine}; "unchanged" also for an object that no piece uses yet
 */
export async function examineObject(key: string): ReturnType<typeof examine> {
  const [piece] = await Db.use()
    .select({ id: evidence.id })
    .from(evidence)
    .innerJoin(uploads, eq(uploads.id, evidence.uploadId))
    .where(eq(uploads.objectKey, key));
  return piece ? examine(piece.id) : "unchanged";
}

async function examineNow(evidenceId: string): ReturnType<typeof examine> {
  const [found] = await Db.use()
    .select({ row: evidence, upload: uploads })
    .from(evidence)
    .innerJoin(uploads, eq(uploads.id, evidence.uploadId))
    .where(eq(evidence.id, evidenceId));
  if (!found || found.row.status !== "examining" || found.row.hiddenAt !== null) return "unchanged";
  const { row, upload } = found;
  if (await mustGiveWay(row)) {
    await enqueue(evidenceId, GIVE_WAY_SECONDS);
    return "later";
  }
  const versionId = row.objectVersionId ?? undefined;
  let bytes: Uint8Array | undefined;
  const read = async () => (bytes ??= await Storage.read(upload.objectKey, versionId));
  const checked = await scan(row, upload, read);
  if (checked.next !== "examine") return checked.next;
  const result = await resultOf(row, await read(), upload);
  if (result === "again") return result;
  if (!result.ok) return refuse(evidenceId, "examining", result);
  if (result.thumbnail) await Storage.write(Storage.thumbnailKey(evidenceId), "image/jpeg", result.thumbnail);
  await Storage.tag(upload.objectKey, versionId, {
    ...checked.tags,
    user_id: upload.userId,
    contribution_id: row.contributionId,
    evidence_type: row.evidenceType,
    media_hash: upload.sha256,
    retention_tier: "evidence-7y",
  });
  await Storage.lock(upload.objectKey, versionId);
  return finishExamination(row, result);
}

/**
 * Whether another member's file goes first. A member whose files were examined more often within the last hour yields to members with
 * fewer examinations, so that 50 files of one member do not delay a single file of another: queues deliver in the order of submission.
 */
async function mustGiveWay(row: Row): Promise<boolean> {
  const now = Clock.now().getTime();
  const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
  if (row.examinations > 0 || row.createdAt.toISOString() < ago(LONGEST_GIVING_WAY_SECONDS)) return false;
  const begunBy = (member: ReturnType<typeof sql>) => sql`(
    select count(*) from ${evidence} begun
    where begun.submitted_by = ${member} and begun.examinations > 0 and begun.created_at > ${ago(EXAMINATIONS_WINDOW_SECONDS)}::timestamptz)`;
  const [found] = await Db.use().execute<{ goes_first: boolean }>(sql`
    select exists (
      select from (
        select submitted_by from ${evidence}
        where status = 'examining' and examinations = 0 and hidden_at is null
          and submitted_by <> ${row.submittedBy} and updated_at > ${ago(LONGEST_GIVING_WAY_SECONDS)}::timestamptz
        order by updated_at limit ${WAITING_FILES}
      ) waiting
      where ${begunBy(sql`waiting.submitted_by`)} < ${begunBy(sql`${row.submittedBy}`)}
    ) as goes_first`);
  return found?.goes_first ?? false;
}

/** Lets the stage's malware scanner check the file. Most stages have no scanner, and do not load its code. */
async function scan(...input: Parameters<typeof check>): ReturnType<typeof check> {
  if (Config.section("storage").MALWARE_SCANNER === "none") return { next: "examine", tags: {} };
  return (await malware()).check(...input);
}
const malware = lazy(() => import("./malware.ts"));

/**
 * Runs the examiner. Counts an examination before it starts, so that a file which crashes the whole worker is counted
 * too: otherwise the sweep would enqueue it forever.
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
    .returning({ started: evidence.examinations });
  const started = counted?.started ?? 1;
  const failed: FileResult = {
    ok: false,
    code: "EXAMINATION_FAILED",
    detail: "The file could not be examined: reading it crashed the examiner.",
  };
  if (started > MAX_STARTS) return failed;
  try {
    return (await runExaminer(bytes, v.parse(Declared, upload))).result;
  } catch (error) {
    if (error instanceof OverLimit)
      return {
        ok: false,
        code: "EXAMINATION_LIMIT",
        detail: "Reading the file takes too much time or memory.",
      };
    if (!(error instanceof ProgramCrashed)) {
      await uncount(row.id); // the file did not cause this error: the examiner did not start
      throw error;
    }
    Log.warn("an examiner crashed", { evidence_id: row.id, started, reason: error.message });
    return started >= MAX_CRASHES ? failed : "again";
  }
}

async function uncount(evidenceId: string): Promise<void> {
  await Db.use()
    .update(evidence)
    .set({ examinations: sql`greatest(${evidence.examinations} - 1, 0)` })
    .where(eq(evidence.id, evidenceId));
}
