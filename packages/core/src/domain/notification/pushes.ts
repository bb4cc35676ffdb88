import { and, asc, eq, gt, inArray, isNull, lte, min, sql } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Language } from "../../platform/language/index.ts";
import { Log } from "../../platform/log.ts";
import { type Push, sealPush } from "../../platform/push/index.ts";
import { Queue } from "../../platform/queue/index.ts";
import { sessions } from "../session/session.sql.ts";
import { users } from "../user/user.sql.ts";
import { notificationSettings, notifications, pushSubscriptions } from "./notification.sql.ts";
import { afterQuietHours } from "./quiet-hours.ts";
import { sentenceOf } from "./sentences.ts";
import { DEFAULT_SETTINGS, quietHoursOf } from "./settings-row.ts";
import { sentenceColumns } from "./sentence-columns.ts";

/** Number of notifications that one call pushes. */
const AT_ONCE = 500;

/**
 * Queues the pushes that are due. Pushes for a member in quiet hours wait until the quiet hours end. Called by the
 * sweep that each notifying act has armed. Marks pushes as sent before it queues them: after a crash in between, a
 * device gets no push instead of two, and the notification is still in the feed.
 * @returns when the next push is due; null if none waits
 */
export async function run(): Promise<Date | null> {
  const pushes = await Db.transaction(take);
  for (const push of pushes) await Queue.get().send("mail", { body: Queue.toBody(sealPush(push)) });
  if (pushes.length > 0) Log.info("pushes were queued", { pushes: pushes.length });
  const [next] = await Db.use()
    .select({ dueAt: min(notifications.pushDueAt) })
    .from(notifications)
    .where(sql`${notifications.pushDueAt} is not null`);
  return next?.dueAt ?? null;
}

/** Takes the due pushes out of the table, or postpones them until the end of quiet hours. */
async function take(): Promise<Push[]> {
  const now = Clock.now();
  const due = await Db.use()
    .select({ id: notifications.id })
    .from(notifications)
    .where(lte(notifications.pushDueAt, now))
    .orderBy(asc(notifications.pushDueAt))
    .limit(AT_ONCE)
    .for("update", { skipLocked: true });
  if (due.length === 0) return [];
  const ids = due.map(({ id }) => id);
  const rows = await Db.use()
    .select({
      ...sentenceColumns,
      userId: notifications.userId,
      language: users.language,
      settings: notificationSettings,
    })
    .from(notifications)
    .innerJoin(users, eq(users.id, notifications.userId))
    .leftJoin(notificationSettings, eq(notificationSettings.userId, notifications.userId))
    .where(inArray(notifications.id, ids))
    .orderBy(asc(notifications.id));
  const ready: typeof rows = [];
  for (const row of rows) {
    const settings = row.settings ?? DEFAULT_SETTINGS;
    const pushDueAt = afterQuietHours(now, quietHoursOf(settings), settings.timeZone);
    if (row.readAt !== null || pushDueAt <= now) {
      if (row.readAt === null) ready.push(row);
    } else await Db.use().update(notifications).set({ pushDueAt }).where(eq(notifications.id, row.id));
  }
  const isDone = and(inArray(notifications.id, ids), lte(notifications.pushDueAt, now));
  await Db.use().update(notifications).set({ pushDueAt: null }).where(isDone);
  const devices = await devicesOf(ready.map(({ userId }) => userId));
  const pushes: Push[] = [];
  for (const row of ready) {
    const text = sentenceOf(row, await Language.voice(row.language ?? "en"));
    if (text === undefined) continue;
    const payload = JSON.stringify({ id: row.id, kind: row.kind, text, ...subjectOf(row) });
    pushes.push(
      ...devices
        .filter(({ userId }) => userId === row.userId)
        .map(({ id, endpoint, p256dh, auth }) => ({ subscription_id: id, endpoint, p256dh, auth, payload })),
    );
  }
  return pushes;
}

const subjectOf = ({ taskId, contributionId }: { taskId: string | null; contributionId: string | null }) => ({
  task_id: taskId,
  contribution_id: contributionId,
});

/** The devices of these members whose sessions are open: a device that was signed out shows no pushes. */
async function devicesOf(userIds: readonly string[]) {
  if (userIds.length === 0) return [];
  return Db.use()
    .select({
      id: pushSubscriptions.id,
      userId: pushSubscriptions.userId,
      endpoint: pushSubscriptions.endpoint,
      p256dh: pushSubscriptions.p256dh,
      auth: pushSubscriptions.auth,
    })
    .from(pushSubscriptions)
    .innerJoin(sessions, eq(sessions.id, pushSubscriptions.sessionId))
    .where(
      and(
        inArray(pushSubscriptions.userId, [...new Set(userIds)]),
        isNull(sessions.endedAt),
        gt(sessions.expiresAt, Clock.now()),
      ),
    );
}

export * as Pushes from "./pushes.ts";
