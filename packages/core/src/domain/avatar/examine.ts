import { createHash } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import { Cache } from "../../platform/cache/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { lazy } from "../../platform/lazy.ts";
import { Log } from "../../platform/log.ts";
import { Storage } from "../../platform/storage/index.ts";
import { lockAccounts } from "../user/row.ts";
import { users } from "../user/user.sql.ts";
import { GONE, avatars } from "./avatar.sql.ts";
import { ABANDONED_SECONDS, PICTURE_MAX_BYTES } from "./rules.ts";

/** Number of started examinations of one file without a result, after which it is refused. */
const MAX_STARTS = 3;

const examiner = lazy(() => import("../evidence/examiner/run.ts"));

type Result = "accepted" | "refused" | "unchanged";
type Row = Pick<typeof avatars.$inferSelect, "id" | "userId" | "contentType" | "sizeBytes" | "sha256"> & {
  readonly objectKey: string;
  readonly objectVersionId: string | null;
};
interface Refusal {
  readonly code: string;
  readonly detail: string;
}
const CRASHED: Refusal = {
  code: "EXAMINATION_FAILED",
  detail: "The file could not be examined: reading it crashed the examiner.",
};
const OVER_LIMIT: Refusal = {
  code: "EXAMINATION_LIMIT",
  detail: "Reading the file takes too much time or memory.",
};

/**
 * Examines an uploaded profile picture, stores it as a small square without metadata, and erases the original. If the
 * picture is not in examination any more, only erases the original. Idempotent, also when run concurrently.
 * @returns "again" when the examiner crashed without a result
 * @throws when storage or database fail; the message is then retried
 */
export async function examine(avatarId: string): Promise<Result | "again"> {
  const { limited } = await examiner();
  return limited(() => examineNow(avatarId));
}

async function examineNow(avatarId: string): Promise<Result | "again"> {
  const [row] = await Db.use()
    .select({
      id: avatars.id,
      userId: avatars.userId,
      status: avatars.status,
      objectKey: avatars.objectKey,
      objectVersionId: avatars.objectVersionId,
      contentType: avatars.contentType,
      sizeBytes: avatars.sizeBytes,
      sha256: avatars.sha256,
      expiresAt: avatars.expiresAt,
      createdAt: avatars.createdAt,
    })
    .from(avatars)
    .where(eq(avatars.id, avatarId));
  if (!row || row.objectKey === null) return "unchanged";
  const { objectKey } = row;
  const nowMs = Clock.now().getTime();
  if (row.status === "requested") {
    if (nowMs - row.createdAt.getTime() < ABANDONED_SECONDS * 1000) return "unchanged";
    await Storage.erase(objectKey);
    await Db.use()
      .delete(avatars)
      .where(and(eq(avatars.id, avatarId), eq(avatars.status, "requested")));
    return "unchanged";
  }
  const result = row.status === "examining" ? await resultOf({ ...row, objectKey }) : "unchanged";
  if (result === "again") return result;
  await Storage.erase(objectKey);
  // Keeps the object key until the upload URL has expired: with that URL the member can upload the file again, and then
  // the sweep must erase it again.
  if (row.expiresAt.getTime() < nowMs)
    await Db.use().update(avatars).set({ objectKey: null }).where(eq(avatars.id, avatarId));
  return result;
}

/** Counts the examination before it starts, so that a file which crashes the whole worker is counted too. */
async function resultOf(row: Row): Promise<Result | "again"> {
  const stored = await Storage.head(row.objectKey);
  const [counted] = await Db.use()
    .update(avatars)
    .set({ examinations: sql`${avatars.examinations} + 1` })
    .where(and(eq(avatars.id, row.id), eq(avatars.status, "examining")))
    .returning({ started: avatars.examinations });
  if (!counted) return "unchanged";
  if (!stored || counted.started > MAX_STARTS) return refuse(row, CRASHED);
  const bytes = await Storage.read(row.objectKey, row.objectVersionId ?? undefined);
  const { OverLimit, ProgramCrashed, runExaminer } = await examiner();
  try {
    const { result } = await runExaminer(bytes, row, "avatar");
    if (!result.ok) return await refuse(row, result);
    const { thumbnail: picture } = result;
    return picture && picture.length <= PICTURE_MAX_BYTES ? await accept(row, picture) : await refuse(row, OVER_LIMIT);
  } catch (error) {
    if (error instanceof OverLimit) return refuse(row, OVER_LIMIT);
    if (!(error instanceof ProgramCrashed)) throw error;
    Log.warn("an examiner crashed", { avatar_id: row.id, started: counted.started, reason: error.message });
    return counted.started >= MAX_STARTS ? refuse(row, CRASHED) : "again";
  }
}

/** Shows the picture in place of the member's former one. */
async function accept(row: Row, picture: Uint8Array): Promise<Result> {
  const name = createHash("sha256").update(row.id).update(picture).digest("hex");
  return Db.transaction(async () => {
    // Takes the lock that the member's own acts take: a picture that the member removes meanwhile must not appear.
    if (!(await lockAccounts([row.userId], "no key update")).has(row.userId)) return "unchanged";
    const now = Clock.now();
    const isExamining = and(eq(avatars.id, row.id), eq(avatars.status, "examining"));
    const [found] = await Db.use().select({ id: avatars.id }).from(avatars).where(isExamining);
    if (!found) return "unchanged";
    await Db.use()
      .update(avatars)
      .set({ ...GONE, updatedAt: now })
      .where(and(eq(avatars.userId, row.userId), eq(avatars.status, "accepted")));
    await Db.use().update(avatars).set({ status: "accepted", picture, name, updatedAt: now }).where(isExamining);
    await Db.use().update(users).set({ avatar: name, updatedAt: now }).where(eq(users.id, row.userId));
    await Cache.invalidate("tasks"); // without Redis, lists in other processes show the picture within a minute
    return "accepted";
  });
}

async function refuse({ id }: Row, { code, detail }: Refusal): Promise<Result> {
  const refused = await Db.use()
    .update(avatars)
    .set({ status: "refused", refusalCode: code, refusalDetail: detail, updatedAt: Clock.now() })
    .where(and(eq(avatars.id, id), eq(avatars.status, "examining")))
    .returning({ id: avatars.id });
  return refused.length > 0 ? "refused" : "unchanged";
}
