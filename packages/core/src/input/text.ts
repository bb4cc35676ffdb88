import * as v from "valibot";
import { Characters } from "../characters.ts";
import { coded, rule } from "./field-code.ts";

/** What the schemas of texts share. Sentences end an error's `field: …`. */

export const string = () => v.string("must be a string");

export const uuid = v.pipe(string(), v.uuid("must be a UUID"), v.toLowerCase());

/** Text without control characters (a NUL cannot be stored, the others have no place in a title). */
const CLEAN = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/u;
const clean = coded<string, v.RegexAction<string, string>>(
  "characters",
  v.regex(CLEAN, "must not contain control characters"),
  (value) => CLEAN.test(value),
);
export const wellFormed = rule<string>("characters", (value) => value.isWellFormed(), "must be well-formed Unicode");

export const minCharacters = (
  least: number,
  message = least === 1 ? "must not be empty" : `must have at least ${least} characters`,
) =>
  coded<string, v.MinLengthAction<string, number, string>>(
    "too_short",
    v.minLength<string, number, string>(least, message),
    (value) => value.length >= least * 2 || Characters.count(value) >= least,
  );
export const maxCharacters = (most: number, message = `must have at most ${most} characters`) =>
  coded<string, v.MaxLengthAction<string, number, string>>(
    "too_long",
    v.maxLength<string, number, string>(most, message),
    (value) => Characters.isAtMost(value, most),
  );

/** A name of atoms, and a domain with a dot. No two parts match the same text, so that no text takes long to read. */
const EMAIL =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([a-z0-9]+(-+[a-z0-9]+)*\.)+[a-z0-9]+(-+[a-z0-9]+)*$/i;
/** As readers of JSON Schema understand `format: email`: stricter than what browsers take. */
export const email = coded<string, v.RfcEmailAction<string, string>>(
  "format",
  v.rfcEmail<string, string>("must be an e-mail address"),
  (value) => EMAIL.test(value),
);

/** Trimmed text of `least` to `most` characters. */
export const text = (least: number, most: number) =>
  v.pipe(string(), v.trim(), minCharacters(least), maxCharacters(most), wellFormed, clean);

/** An RFC 3339 timestamp with its offset. */
export const timestamp = v.pipe(
  string(),
  v.regex(
    /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i,
    "must be an RFC 3339 timestamp with an offset, such as 2026-05-01T09:30:00Z",
  ),
  rule("format", (value) => isRealDate(value), "must be a date that exists"),
);

/** `Date` rolls 31 February over to March; a claim about time must not move. PostgreSQL knows no year 0, and we none past 9999. */
function isRealDate(value: string): boolean {
  const [day = ""] = value.split(/t/i);
  const midnight = new Date(`${day}T00:00:00Z`);
  const year = new Date(value).getUTCFullYear();
  return year >= 1 && year <= 9999 && !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
