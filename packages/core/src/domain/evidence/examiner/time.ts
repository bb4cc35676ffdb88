/** Local time `YYYY-MM-DDTHH:MM:SS`, with its offset from UTC where the file states one. */
export interface OwnTime {
  readonly local: string;
  readonly offset?: string | undefined;
}

/**
 * Matches a time as in Exif 3.0 §4.6.5 (`2026:05:01 09:30:00`), and variants with dashes, a `T`, fractions or an offset, or without seconds (XMP
 * part 1, §8.2.1.2).
 */
const TIME = /^(\d{4})[:/.-](\d{2})[:/.-](\d{2})[ T](\d{2}:\d{2})(?:(:\d{2})(?:\.\d{1,9})?)?(.{0,8})/;
const OFFSET = /^([+-])(0\d|1[0-4]):?([0-5]\d)/;
/** Matches a PDF's time (ISO 32000-2 §7.9.4): `D:20260501093000+07'00'`. */
const PDF_TIME = /D:(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})([Z+-]?)(?:(\d{2})'?(\d{2})?)?/;

/** Normalises an offset: `+0700` to `+07:00`, and `Z` to `+00:00`. */
export function offsetIn(text: string): string | undefined {
  if (text.startsWith("Z")) return "+00:00";
  const [, sign, hours, minutes] = OFFSET.exec(text) ?? [];
  return sign === undefined ? undefined : `${sign}${hours}:${minutes}`;
}

/**
 * Reads a time of EXIF, XMP or QuickTime.
 * @returns undefined for a string that is not a valid date
 */
export function timeIn(text: string): OwnTime | undefined {
  const [, year, month, day, time, seconds = ":00", rest = ""] = TIME.exec(text) ?? [];
  const local = `${year}-${month}-${day}T${time}${seconds}`;
  return isDate(local) ? { local, offset: offsetIn(rest.trim()) } : undefined;
}

/**
 * Reads a date of a PDF.
 * @param text may be UTF-16 read as Latin-1
 */
export function pdfTimeIn(text: string): OwnTime | undefined {
  const [, year, month, day, hour, minute, second, sign, hours, minutes = "00"] =
    PDF_TIME.exec(text.replaceAll("\0", "")) ?? [];
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  if (!isDate(local)) return undefined;
  return { local, offset: offsetIn(sign === "Z" ? "Z" : `${sign}${hours}:${minutes}`) };
}

/** Programs write the year 1 for an unknown time, so years before 1900 count as absent. */
const FIRST_YEAR = 1900;

/**
 * Whether a time is a valid date: cameras whose clock was never set write `0000:00:00 00:00:00`, and `Date` would turn
 * 31 February into March.
 */
function isDate(local: string): boolean {
  const at = new Date(`${local}Z`);
  return !Number.isNaN(at.getTime()) && at.getUTCFullYear() >= FIRST_YEAR && at.toISOString().startsWith(local);
}
