import * as v from "valibot";

/** Schemas that several operations share; routes re-use the operations' own. Sentences end an error's `field: …`. */

export const uuid = v.pipe(v.string("must be a text"), v.uuid("must be a UUID"), v.toLowerCase());
/** Text without control characters (a NUL cannot be stored, the others have no place in a title). */
const clean = v.regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/u, "must not hold control characters");
const wellFormed = v.check((value: string) => value.isWellFormed(), "must be well-formed Unicode");

/** Trimmed text of `least` to `most` characters. */
export const text = (least: number, most: number) =>
  v.pipe(
    v.string("must be a text"),
    v.trim(),
    v.minLength(least, least === 1 ? "must not be empty" : `must have at least ${least} characters`),
    v.maxLength(most, `must have at most ${most} characters`),
    wellFormed,
    clean,
  );

export const latitude = v.pipe(
  v.number("must be a number"),
  v.finite("must be a number"),
  v.minValue(-90, "must be at least -90"),
  v.maxValue(90, "must be at most 90"),
);
export const longitude = v.pipe(
  v.number("must be a number"),
  v.finite("must be a number"),
  v.minValue(-180, "must be at least -180"),
  v.maxValue(180, "must be at most 180"),
);

/** An RFC 3339 timestamp with its offset. */
export const timestamp = v.pipe(
  v.string("must be a text"),
  v.regex(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i,
    "must be an RFC 3339 timestamp with an offset, such as 2026-05-01T09:30:00Z",
  ),
  v.check((value) => isRealDate(value), "must be a date that exists"),
);

/** `Date` rolls 31 February over to March; a claim about time must not move. PostgreSQL knows no year 0, and we none past 9999. */
function isRealDate(value: string): boolean {
  const day = value.slice(0, 10);
  const midnight = new Date(`${day}T00:00:00Z`);
  const year = new Date(value).getUTCFullYear();
  return year >= 1 && year <= 9999 && !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

const METADATA_MAX_KEYS = 50;
const METADATA_MAX_BYTES = 16 * 1024;

/** A JSON object of at most 50 keys and 16 KiB. */
export const metadata = v.pipe(
  v.record(v.string(), v.unknown(), "must be an object"),
  v.check((value) => Object.keys(value).length <= METADATA_MAX_KEYS, `must have at most ${METADATA_MAX_KEYS} keys`),
  v.check(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= METADATA_MAX_BYTES,
    "must have at most 16 KiB as JSON",
  ),
  v.check((value) => isStorable(value), "must not hold NUL characters or broken Unicode"),
);

function isStorable(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\u0000");
  if (Array.isArray(value)) return value.every(isStorable);
  if (typeof value === "object" && value !== null)
    return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorable(inner));
  return true;
}

/** Up to ten different skills. */
export const skillIds = v.pipe(
  v.array(uuid, "must be a list"),
  v.maxLength(10, "must have at most 10 skills"),
  v.check((ids) => new Set(ids).size === ids.length, "must not name a skill twice"),
);

export * as Input from "./input.ts";
