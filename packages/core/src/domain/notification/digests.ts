import { type SQL, and, asc, eq, inArray, isNull, lte, min, sql } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Language } from "../../platform/language/index.ts";
import { Log } from "../../platform/log.ts";
import { Mail } from "../../platform/mail/index.ts";
import { users } from "../user/user.sql.ts";
import { digestDueAt, firstLookAt } from "./digest-rules.ts";
import { digests, notificationSettings, notifications } from "./notification.sql.ts";
import { sentenceOf } from "./sentences.ts";
import { DEFAULT_SETTINGS, quietHoursOf } from "./settings-row.ts";
import { sentenceColumns } from "./sentence-columns.ts";

/**
 * Maximum numbers in one call: of notifications for which digests are arranged, and of members whose digests are
 * checked.
 */
const ARRANGED_AT_ONCE = 1_000;
const LOOKED_AT_ONCE = 100;
/** Maximum number of sentences in one mail; the mail states the number of further notifications. */
const LINES_MAX = 20;
/** Maximum number of unread notifications that are read to decide when a member's digest is due. */
const PENDING_MAX = 500;

/**
 * Arranges digests for new notifications and sends the digests that are due. Called by the sweep that each notifying act has
 * armed.
 * @returns when the next digest may be due; null if none waits
 */
export async function run(): Promise<Date | null> {
  await arrange();
  const now = Clock.now();
  const due = await Db.use()
    .select({ userId: digests.userId })
    .from(digests)
    .where(lte(digests.dueAt, now))
    .orderBy(asc(digests.dueAt))
    .limit(LOOKED_AT_ONCE);
  for (const { userId } of due) await look(userId);
  const [next] = await Db.use()
    .select({ dueAt: min(digests.dueAt) })
    .from(digests);
  return next?.dueAt ?? null;
}

/** Creates a digest for each member with a new notification for mail, unless a digest waits already. */
async function arrange(): Promise<void> {
  await Db.transaction(async () => {
    const isNew = Db.use()
      .select({ id: notifications.id })
      .from(notifications)
      .where(sql`${notifications.isNew}`)
      .orderBy(asc(notifications.id))
      .limit(ARRANGED_AT_ONCE)
      .for("update", { skipLocked: true });
    const arranged = await Db.use()
      .update(notifications)
      .set({ isNew: false })
      .where(inArray(notifications.id, isNew))
      .returning({ userId: notifications.userId, createdAt: notifications.createdAt });
    const first = new Map<string, Date>();
    for (const { userId, createdAt } of arranged)
      if (createdAt < (first.get(userId) ?? new Date(8.64e15))) first.set(userId, createdAt);
    if (first.size === 0) return;
    // Sorted by member, so that two sweeps cannot deadlock.
    const rows = [...first].toSorted(([a], [b]) => (a < b ? -1 : 1));
    await Db.use()
      .insert(digests)
      .values(rows.map(([userId, createdAt]) => ({ userId, dueAt: firstLookAt(createdAt) })))
      .onConflictDoNothing();
  });
}

const pending = (userId: string): SQL | undefined =>
  and(eq(notifications.userId, userId), sql`${notifications.forMail}`, isNull(notifications.readAt));

/** Sends a member's digest if it is due; otherwise stores when it will be. */
async function look(userId: string): Promise<void> {
  await Db.transaction(async () => {
    const [locked] = await Db.use()
      .select({ userId: digests.userId })
      .from(digests)
      .where(eq(digests.userId, userId))
      .for("update", { skipLocked: true });
    if (!locked) return;
    const [member] = await Db.use()
      .select({
        email: users.email,
        language: users.language,
        provenAt: users.emailVerifiedAt,
        settings: notificationSettings,
      })
      .from(users)
      .leftJoin(notificationSettings, eq(notificationSettings.userId, users.id))
      .where(and(eq(users.id, userId), isNull(users.deletedAt)));
    const rows = await Db.use()
      .select({
        ...sentenceColumns,
      })
      .from(notifications)
      .where(pending(userId))
      .orderBy(asc(notifications.id))
      .limit(PENDING_MAX);
    const settings = member?.settings ?? DEFAULT_SETTINGS;
    const since = rows.map(({ createdAt }) => createdAt);
    const dueAt = digestDueAt({ since, quietHours: quietHoursOf(settings), timeZone: settings.timeZone });
    // Sends nothing to an unverified address, which may belong to a stranger.
    const isReachable = member?.provenAt !== null && member?.provenAt !== undefined;
    if (isReachable && dueAt !== null && dueAt > Clock.now()) {
      await Db.use().update(digests).set({ dueAt }).where(eq(digests.userId, userId));
      return;
    }
    await Db.use().delete(digests).where(eq(digests.userId, userId));
    await Db.use().update(notifications).set({ forMail: false }).where(pending(userId));
    if (!isReachable) return;
    const say = await Language.voice(member.language ?? "en");
    const sentences = rows.flatMap((row) => sentenceOf(row, say) ?? []);
    if (sentences.length === 0) return;
    await Mail.send({ to: member.email, ...digestMail(sentences, say) });
    Log.info("a digest was sent", { notifications: sentences.length });
  });
}

function digestMail(sentences: readonly string[], say: (text: string) => string): { subject: string; text: string } {
  const more = sentences.length - LINES_MAX;
  return {
    subject: say("What happened on Gotong Royong"),
    text: [
      sentences
        .filter((_sentence, index) => index < LINES_MAX)
        .map((sentence) => `- ${sentence}`)
        .join("\n"),
      ...(more > 0 ? [say(`There are ${more} more in the app.`)] : []),
      say("What you have read in the app is left out. There you can also choose what is mailed to you."),
    ].join("\n\n"),
  };
}

export * as Digests from "./digests.ts";
