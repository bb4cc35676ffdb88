import { and, asc, eq, inArray, isNotNull } from "drizzle-orm";
import { Actor } from "../../../platform/actor.ts";
import { Audit } from "../../../platform/audit/index.ts";
import { avatars } from "../../avatar/avatar.sql.ts";
import { Clock } from "../../../platform/clock.ts";
import { Db } from "../../../platform/db/index.ts";
import { evidence, uploads } from "../../evidence/evidence.sql.ts";
import { Queue } from "../../../platform/queue/index.ts";
import { Sweep } from "../../../outbox/index.ts";
import { Multipart, Storage } from "../../../platform/storage/index.ts";
import { ERASURE_SECTIONS, erasures } from "./erasure.sql.ts";
import { ROW_SECTIONS, nextIds } from "./rows.ts";

/** Number of rows that one step erases, in one transaction. */
const ROWS_AT_ONCE = 200;
/** Number of uploads whose objects one step deletes. */
const OBJECTS_AT_ONCE = 20;
/**
 * Delay between the deletion of the account and the deletion of its objects. During the delay, an upload URL issued
 * just before the deletion of the account can still create an object, and a running examination can still create a
 * thumbnail.
 */
const OBJECTS_AFTER_SECONDS = 600;
/**
 * Time after which one call stops and enqueues the remaining steps; less than the time limit of the Lambda function.
 */
const WORK_SECONDS = 45;
/** Delay after which the message of a step counts as lost. */
const OVERDUE_SECONDS = 120;
const MOST_OVERDUE = 100;
const LONGEST_DELAY_SECONDS = 900;

type Erasure = typeof erasures.$inferSelect;

/** Requests the erasure of a member's texts and files. Must run in the transaction that deletes the account. */
export async function request(userId: string, username: string): Promise<void> {
  const now = Clock.now();
  await Db.use().insert(erasures).values({ userId, username: username.toLowerCase(), requestedAt: now, dueAt: now });
  await Db.afterCommit(() => enqueue(userId, 0).catch(() => undefined)); // the sweep repeats a lost message
}

/** Enqueues the next steps. */
async function enqueue(userId: string, delaySeconds: number): Promise<void> {
  const body = Queue.toBody({ erasure_of: userId, request_id: Actor.requestId() });
  const delay = Math.min(delaySeconds, LONGEST_DELAY_SECONDS);
  await Queue.get().send("evidence", { body, delaySeconds: delay });
  await Sweep.callFor("evidence", delay);
}

/**
 * Enqueues erasures again whose message was lost. The sweep calls this.
 * @returns the number of messages sent, and whether any erasure is unfinished
 */
export async function enqueueOverdue(): Promise<{ sent: number; more: boolean }> {
  const waiting = await Db.use().select().from(erasures).orderBy(asc(erasures.dueAt)).limit(MOST_OVERDUE);
  const limit = Clock.now().getTime() - OVERDUE_SECONDS * 1000;
  const overdue = waiting.filter(({ dueAt }) => dueAt.getTime() <= limit);
  for (const { userId } of overdue) await enqueue(userId, 0);
  return { sent: overdue.length, more: waiting.length > 0 };
}

/**
 * Erases a deleted member's data step by step, and enqueues the remaining steps.
 * @throws when the database or the storage fails; the message is then retried
 */
export async function work(userId: string): Promise<"done" | "later"> {
  const until = Clock.now().getTime() + WORK_SECONDS * 1000;
  for (;;) {
    const [erasure] = await Db.use().select().from(erasures).where(eq(erasures.userId, userId));
    if (!erasure) return "done";
    const now = Clock.now().getTime();
    if (erasure.dueAt.getTime() > now || now >= until) {
      await enqueue(userId, Math.max(0, Math.ceil((erasure.dueAt.getTime() - now) / 1000)));
      return "later";
    }
    await (erasure.section === "objects" ? objectStep(erasure) : rowStep(erasure, erasure.section));
  }
}

async function rowStep(erasure: Erasure, name: Exclude<Erasure["section"], "objects">): Promise<void> {
  const section = ROW_SECTIONS[name];
  await Db.transaction(async () => {
    const ids = await nextIds(section, erasure, ROWS_AT_ONCE);
    if (ids.length > 0) await section.erase(ids, erasure);
    await advance(erasure, ids, ROWS_AT_ONCE);
  });
}

/**
 * Deletes originals and thumbnails, with all their versions, and parts of unfinished uploads. Uses no database connection while it waits for the
 * storage.
 */
async function objectStep(erasure: Erasure): Promise<void> {
  const ids = await nextIds(ROW_SECTIONS.uploads, erasure, OBJECTS_AT_ONCE);
  const rows =
    ids.length === 0
      ? []
      : await Db.use()
          .select({ key: uploads.objectKey, multipartId: uploads.multipartId, evidenceId: evidence.id })
          .from(uploads)
          .leftJoin(evidence, eq(evidence.uploadId, uploads.id))
          .where(inArray(uploads.id, ids));
  for (const { key, multipartId, evidenceId } of rows) {
    if (multipartId !== null) await Multipart.abort({ key, multipartId });
    await Storage.erase(key, { alsoLocked: true });
    if (evidenceId !== null) await Storage.erase(Storage.thumbnailKey(evidenceId));
  }
  if (erasure.lastId === null) await eraseAvatars(erasure.userId);
  await Db.transaction(() => advance(erasure, ids, OBJECTS_AT_ONCE));
}

/** Deletes the originals of the member's profile pictures; the deletion of the account has removed the pictures. */
async function eraseAvatars(userId: string): Promise<void> {
  const rows = await Db.use()
    .select({ id: avatars.id, key: avatars.objectKey })
    .from(avatars)
    .where(and(eq(avatars.userId, userId), isNotNull(avatars.objectKey)));
  for (const { id, key } of rows) {
    if (key !== null) await Storage.erase(key);
    await Db.use().update(avatars).set({ objectKey: null }).where(eq(avatars.id, id));
  }
}

/** Stores the progress of an erasure; the last step removes its row. */
async function advance(erasure: Erasure, ids: readonly string[], most: number): Promise<void> {
  const { userId, section, requestedAt } = erasure;
  const own = and(eq(erasures.userId, userId), eq(erasures.section, section));
  const now = Clock.now();
  if (ids.length === most) {
    await Db.use()
      .update(erasures)
      .set({ lastId: ids.at(-1) ?? null, dueAt: now })
      .where(own);
    return;
  }
  const next = ERASURE_SECTIONS[ERASURE_SECTIONS.indexOf(section) + 1];
  if (next === undefined) {
    const ended = await Db.use().delete(erasures).where(own).returning();
    if (ended.length > 0) await Audit.record("user.erase", "user", userId);
    return;
  }
  const dueAt = next === "objects" ? new Date(requestedAt.getTime() + OBJECTS_AFTER_SECONDS * 1000) : now;
  await Db.use().update(erasures).set({ section: next, lastId: null, dueAt }).where(own);
}

export * as Erasure from "./index.ts";
