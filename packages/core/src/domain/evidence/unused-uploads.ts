import { and, asc, eq, exists, inArray, sql } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { UNUSED_UPLOAD_DAYS } from "../../platform/bounds.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Queue } from "../../platform/queue/index.ts";
import { Multipart, Storage } from "../../platform/storage/index.ts";
import { Sweep } from "../../outbox/index.ts";
import { evidence, isOpenUpload, uploads } from "./evidence.sql.ts";

/** Maximum number of uploads that one sweep ends, and whose files one message deletes. */
const AT_ONCE = 100;

const isEnded = sql`${uploads.status} = 'ended'`;

/**
 * Ends uploads that no evidence has used for {@link UNUSED_UPLOAD_DAYS} days. Asks the evidence worker to delete the
 * files of these uploads, since only that worker may delete files; if this message is lost, a later call sends it
 * again. Called by the sweep.
 * @returns the number of uploads that this call has ended, and whether the files of any ended upload remain
 */
export async function end(): Promise<{ ended: number; more: boolean }> {
  const before = new Date(Clock.now().getTime() - UNUSED_UPLOAD_DAYS * 86_400_000).toISOString();
  // Looks for a piece of evidence too: the release without the column `status`, which may still run during a
  // deployment, does not mark uploads as used.
  const isUsed = exists(
    Db.use()
      .select({ one: sql`1` })
      .from(evidence)
      .where(eq(evidence.uploadId, uploads.id)),
  );
  // Skips uploads that a submission has locked, since the submission will mark them as used.
  const old = Db.use()
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(isOpenUpload, sql`${uploads.createdAt} < ${before}::timestamptz`))
    .orderBy(asc(uploads.createdAt))
    .limit(AT_ONCE)
    .for("update", { skipLocked: true });
  const changed = await Db.use()
    .update(uploads)
    .set({ status: sql`case when ${isUsed} then 'used' else 'ended' end` })
    .where(inArray(uploads.id, old))
    .returning({ status: uploads.status });
  const [remaining] = await Db.use().select({ id: uploads.id }).from(uploads).where(isEnded).limit(1);
  if (!remaining) return { ended: 0, more: false };
  await Queue.get().send("evidence", {
    body: Queue.toBody({ ended_uploads: true, request_id: Actor.requestId() }),
  });
  await Sweep.callFor("evidence");
  return { ended: changed.filter(({ status }) => status === "ended").length, more: true };
}

/**
 * Deletes the files of ended uploads, all versions and parts, and then their rows. Uses no database connection while it
 * waits for the storage. After a crash, the next call repeats the last file.
 * @returns the number of uploads whose files were deleted
 */
export async function erase(): Promise<number> {
  const ended = await Db.use()
    .select({ id: uploads.id, key: uploads.objectKey, multipartId: uploads.multipartId })
    .from(uploads)
    .where(isEnded)
    .orderBy(asc(uploads.createdAt))
    .limit(AT_ONCE);
  for (const { id, key, multipartId } of ended) {
    // Deletes the parts before the file: otherwise a submission that began before the upload ended could assemble the
    // file from its parts after the deletion.
    if (multipartId !== null) await Multipart.abort({ key, multipartId });
    await Storage.erase(key);
    await Db.use()
      .delete(uploads)
      .where(and(eq(uploads.id, id), isEnded));
  }
  return ended.length;
}

export * as UnusedUploads from "./unused-uploads.ts";
