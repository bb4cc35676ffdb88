import { type QuietHours, afterQuietHours } from "./quiet-hours.ts";

const DAY_MS = 86_400_000;
/** Notifications that come within this time of each other are mailed together. */
const TOGETHER_DAYS = 2;
/** How long one that stays alone waits. */
const ALONE_DAYS = 7;
/** From how many on a mail is worth it after two days. */
const SEVERAL = 2;
/** Digests are due at full quarters of an hour, so that those of many members need one wake-up of the database. */
const QUARTER_MS = 900_000;

interface Waiting {
  /** When the unread notifications were made, oldest first. */
  readonly since: readonly Date[];
  readonly quietHours: QuietHours | null;
  readonly timeZone: string;
}

/**
 * When the digest of a member is due: two days after the first of several unread notifications that came within these two days, else a week
 * after the first; outside of quiet hours. Null if none is unread. Since each digest waits two days from its first notification,
 * a member gets at most one in two days.
 */
export function digestDueAt({ since, quietHours, timeZone }: Waiting): Date | null {
  const [first] = since;
  if (!first) return null;
  const together = first.getTime() + TOGETHER_DAYS * DAY_MS;
  const isSeveral = since.filter((at) => at.getTime() <= together).length >= SEVERAL;
  const due = isSeveral ? together : first.getTime() + ALONE_DAYS * DAY_MS;
  return afterQuietHours(new Date(Math.ceil(due / QUARTER_MS) * QUARTER_MS), quietHours, timeZone);
}

/** When to look at a member's notifications for the first time: before, no digest can be due. */
export const firstLookAt = (first: Date): Date => new Date(first.getTime() + TOGETHER_DAYS * DAY_MS);
