/** Quiet hours of a member; times in minutes after midnight in their zone. */
export interface QuietHours {
  readonly from: number;
  readonly until: number;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** Whether a string is a name in the IANA time zone database that the runtime supports. */
export function isTimeZone(name: string): boolean {
  // Rejects offsets such as `+07:00`, which the runtime accepts as time zones: an app has no name to show for them.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Minutes after midnight in a time zone. */
export function minuteOfDay(at: Date, timeZone: string): number {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat("en", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    clocks.set(timeZone, clock);
  }
  const parts = clock.formatToParts(at);
  const valueOf = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return valueOf("hour") * 60 + valueOf("minute");
}

/** Whether quiet hours, which may span midnight, contain a minute of the day; `until` itself is not quiet any more. */
export function isQuiet(minute: number, { from, until }: QuietHours): boolean {
  return from < until ? minute >= from && minute < until : minute >= from || minute < until;
}

/**
 * The first time from `at` on that is not in quiet hours: `at` itself, or the minute in which the quiet hours end. If a
 * change to summer time skips or repeats that minute, the result is the first minute after it.
 */
export function afterQuietHours(at: Date, hours: QuietHours | null, timeZone: string): Date {
  if (hours === null) return at;
  const minute = minuteOfDay(at, timeZone);
  if (!isQuiet(minute, hours)) return at;
  const left = (hours.until - minute + DAY_MINUTES) % DAY_MINUTES;
  const wholeMinute = Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS;
  const end = new Date(wholeMinute + left * MINUTE_MS);
  const reached = minuteOfDay(end, timeZone);
  // After a clock change in between, the computed minute may still be a quiet one.
  return isQuiet(reached, hours) ? afterQuietHours(end, hours, timeZone) : end;
}

/**
 * Converts a time to minutes after midnight.
 * @param text hours and minutes, such as `21:30`
 */
export function minuteOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours * 60 + minutes;
}
/** Converts minutes after midnight to a time such as `21:30`. */
export const textOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
