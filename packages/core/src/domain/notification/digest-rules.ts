import { type QuietHours, afterQuietHours } from "./quiet-hours.ts";

const DAY_MS = 86_400_000;
/** Period, from the first notification on, whose notifications are mailed in one digest. */
const TOGETHER_DAYS = 2;
/** Time after which a single notification is mailed. */
const ALONE_DAYS = 7;
/** Number of notifications from which a digest is mailed after two days instead of a week. */
const SEVERAL = 2;
/**
 * Digests are due at full quarters of an hour, so that many members' digests resume an auto-paused database only once.
 */
const QUARTER_MS = 900_000;

interface Waiting {
  /** The creation times of the unread notifications, oldest first. */
  readonly since: readonly Date[];
  readonly quietHours: QuietHours | null;
  readonly timeZone: string;
}

/**
 * The time when a member's digest is due: two days after the first of several unread notifications that were created within these two days,
 * else a week after the first; outside of quiet hours. Null without unread notifications. Since each digest waits two days from its first
 * notification, a member gets at most one in two days.
 */
export function digestDueAt({ since, quietHours, timeZone }: Waiting): Date | null {
  const [first] = since;
  if (!first) return null;
  const together = first.getTime() + TOGETHER_DAYS * DAY_MS;
  const isSeveral = since.filter((at) => at.getTime() <= together).length >= SEVERAL;
  const due = isSeveral ? together : first.getTime() + ALONE_DAYS * DAY_MS;
  return afterQuietHours(new Date(Math.ceil(due / QUARTER_MS) * QUARTER_MS), quietHours, timeZone);
}

/** The time of the first check of a member's notifications: no digest can be due before it. */
export const firstLookAt = (first: Date): Date => new Date(first.getTime() + TOGETHER_DAYS * DAY_MS);
