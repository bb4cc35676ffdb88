/** How long before its beginning a task's people are reminded, the earliest first. */
const LEADS = [
  { kind: "task_tomorrow", ms: 86_400_000 },
  { kind: "task_soon", ms: 3_600_000 },
] as const;

/** When a person of a task is reminded next: the first reminder after `now`; null if none is left. */
export function nextReminderAt(startsAt: Date | null, now: Date): Date | null {
  if (startsAt === null) return null;
  const times = LEADS.map(({ ms }) => new Date(startsAt.getTime() - ms));
  return times.find((at) => at > now) ?? null;
}

/**
 * The reminder that is due: after an outage only the latest of several. Undefined before the first, and once the work
 * begins.
 */
export function dueReminder(startsAt: Date, now: Date): (typeof LEADS)[number]["kind"] | undefined {
  const left = startsAt.getTime() - now.getTime();
  return left <= 0 ? undefined : LEADS.findLast(({ ms }) => left <= ms)?.kind;
}
