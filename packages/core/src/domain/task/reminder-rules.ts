/** The reminders of a task's members, by their time before the beginning of the work, the earliest first. */
const LEADS = [
  { kind: "task_tomorrow", ms: 86_400_000 },
  { kind: "task_soon", ms: 3_600_000 },
] as const;

/** The time of the first reminder after `now`; null if no reminder is left. */
export function nextReminderAt(startsAt: Date | null, now: Date): Date | null {
  if (startsAt === null) return null;
  const times = LEADS.map(({ ms }) => new Date(startsAt.getTime() - ms));
  return times.find((at) => at > now) ?? null;
}

/**
 * The reminder that is due: the latest one, if an outage delayed several. Undefined before the first reminder, and
 * after the work has begun.
 */
export function dueReminder(startsAt: Date, now: Date): (typeof LEADS)[number]["kind"] | undefined {
  const left = startsAt.getTime() - now.getTime();
  return left <= 0 ? undefined : LEADS.findLast(({ ms }) => left <= ms)?.kind;
}
