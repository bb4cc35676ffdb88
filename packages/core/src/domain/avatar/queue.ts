import { and, asc, eq, isNotNull, lt, ne, or } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Queue } from "../../platform/queue/index.ts";
import { Sweep } from "../../outbox/index.ts";
import { avatars } from "./avatar.sql.ts";
import { ABANDONED_SECONDS } from "./rules.ts";

/**
 * Time after which a message counts as lost and is sent again. At least the 300 s for which an upload URL is valid: so
 * the second message also erases a file that was uploaded with the URL after the first message.
 */
const OVERDUE_SECONDS = 300;
const BATCH = 100;

/** Enqueues the examination of a picture, or the erasure of its original. */
export async function enqueue(avatarId: string): Promise<void> {
  await Queue.get().send("evidence", {
    body: Queue.toBody({ avatar_id: avatarId, request_id: Actor.requestId() }),
  });
  await Sweep.callFor("evidence");
}

/**
 * Enqueues pictures again whose originals are still stored. The sweep calls this.
 * @param overdueSeconds time after which a message counts as lost
 * @returns the number of messages sent, and whether any picture is in examination or any original must be erased
 */
export async function enqueueOverdue(
  overdueSeconds: number = OVERDUE_SECONDS,
): Promise<{ sent: number; more: boolean }> {
  const now = Clock.now();
  const before = (seconds: number) => lt(avatars.updatedAt, new Date(now.getTime() - seconds * 1000));
  const isWaiting = and(isNotNull(avatars.objectKey), ne(avatars.status, "requested"));
  const isAbandoned = and(isNotNull(avatars.objectKey), eq(avatars.status, "requested"), before(ABANDONED_SECONDS));
  const overdue = await Db.use()
    .select({ id: avatars.id })
    .from(avatars)
    .where(and(isNotNull(avatars.objectKey), or(isAbandoned, and(isWaiting, before(overdueSeconds)))))
    .orderBy(asc(avatars.updatedAt))
    .limit(BATCH);
  for (const { id } of overdue) {
    await enqueue(id);
    await Db.use()
      .update(avatars)
      .set({ updatedAt: now })
      .where(and(eq(avatars.id, id), ne(avatars.status, "requested")));
  }
  const [waiting] = await Db.use().select({ id: avatars.id }).from(avatars).where(isWaiting).limit(1);
  return { sent: overdue.length, more: waiting !== undefined };
}

export * as AvatarQueue from "./queue.ts";
