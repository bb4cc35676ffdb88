import { type SQL, and, eq, isNull, lt, lte, sql } from "drizzle-orm";
import type * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { newestFirst, optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { personOf } from "../user/person.sql.ts";
import { type NotificationInput, paging } from "./input.ts";
import { notifications } from "./notification.sql.ts";
import type { Feed, Info, Unread } from "./schema.ts";
import { shown, title } from "./shown.ts";
import { UNREAD_MAX } from "./unread-max.ts";

// Condition with `in_feed` in the statement's text: if it were a parameter, PostgreSQL could not use the partial
// indexes, whose condition is `in_feed`.
const own = (userId: string): SQL | undefined => and(eq(notifications.userId, userId), sql`${notifications.inFeed}`);
const unread = (userId: string): SQL | undefined => and(own(userId), isNull(notifications.readAt));

const columns = { ...shown, actor: personOf(notifications.actorId), title };

/** The current member's notifications, newest first, and the number of all unread ones. */
export async function list(input: v.InferOutput<typeof NotificationInput.ListQuery>): Promise<Feed> {
  const { userId } = Actor.member();
  const [rows, count] = await Promise.all([
    Db.use()
      .select(columns)
      .from(notifications)
      .where(
        and(
          input.unread === true ? unread(userId) : own(userId),
          optionalCondition(input.cursor, ([last]) => lt(notifications.id, last)),
        ),
      )
      .orderBy(newestFirst(notifications.id))
      .limit(input.limit + 1),
    unreadCount(userId),
  ]);
  return { ...paging.page(rows, input.limit, (row) => [row.id], toInfo), unread_count: count };
}

/** The number of unread notifications, counted up to {@link UNREAD_MAX}. */
async function unreadCount(userId: string): Promise<number> {
  const rows = await Db.use()
    .select({ id: notifications.id })
    .from(notifications)
    .where(unread(userId))
    .orderBy(newestFirst(notifications.id))
    .limit(UNREAD_MAX);
  return rows.length;
}

/**
 * Marks one of the current member's notifications as read. Idempotent.
 * @throws AppError NOT_FOUND
 */
export async function markRead(id: string): Promise<Info> {
  const { userId } = Actor.member();
  const [row] = await Db.use()
    .update(notifications)
    .set({ readAt: sql`coalesce(${notifications.readAt}, ${Clock.now().toISOString()}::timestamptz)` })
    .where(and(own(userId), eq(notifications.id, id)))
    .returning(columns);
  if (!row) throw new AppError("NOT_FOUND");
  return toInfo(row);
}

/** Marks the current member's notifications as read: all of them, or those up to a given one. */
export async function markAllRead(input: v.InferOutput<typeof NotificationInput.UpTo>): Promise<Unread> {
  const { userId } = Actor.member();
  const upTo = input.up_to === undefined ? undefined : lte(notifications.id, input.up_to);
  await Db.use()
    .update(notifications)
    .set({ readAt: Clock.now() })
    .where(and(eq(notifications.userId, userId), isNull(notifications.readAt), upTo));
  return { unread_count: await unreadCount(userId) };
}

type Row = Pick<Info, "kind" | "actor" | "title" | "outcome"> & {
  readonly id: string;
  readonly taskId: string | null;
  readonly contributionId: string | null;
  readonly commentId: string | null;
  readonly evidenceId: string | null;
  readonly createdAt: Date;
  readonly readAt: Date | null;
};

function toInfo(row: Row): Info {
  return {
    id: row.id,
    kind: row.kind,
    actor: row.actor,
    title: row.title,
    task_id: row.taskId,
    contribution_id: row.contributionId,
    comment_id: row.commentId,
    evidence_id: row.evidenceId,
    outcome: row.outcome,
    created_at: row.createdAt.toISOString(),
    read_at: row.readAt?.toISOString() ?? null,
  };
}

export * as Feed from "./feed.ts";
