import * as v from "valibot";
import { Characters } from "../characters.ts";
import { coded, rule } from "./field-code.ts";
import { hasVisibleCharacter, isBalanced, hasHiddenData, breaksLists, changesDirection } from "./visible.ts";

/** Schemas shared by text fields. The messages are shown after the field's name. */

export const string = () => v.string("must be a string");

export const uuid = v.pipe(string(), v.uuid("must be a UUID"), v.toLowerCase());

/** Pattern of strings without control characters: NUL cannot be stored, the others do not belong in a title. */
const CLEAN = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/u;
const noControlCharacters = coded<string, v.RegexAction<string, string>>(
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

/**
 * Pattern of an e-mail address: atoms separated by dots, `@`, and a domain with a dot. No two parts match the same characters, so matching
 * takes linear time.
 */
const EMAIL =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([a-z0-9]+(-+[a-z0-9]+)*\.)+[a-z0-9]+(-+[a-z0-9]+)*$/i;
/** An e-mail address as JSON Schema's `format: email` defines it, which is stricter than browsers. */
export const email = coded<string, v.RfcEmailAction<string, string>>(
  "format",
  v.rfcEmail<string, string>("must be an e-mail address"),
  (value) => EMAIL.test(value),
);

const visibleCharacter = rule<string>(
  "characters",
  (value) => value === "" || hasVisibleCharacter(value),
  "must contain a visible character",
);
const noHiddenData = rule<string>(
  "characters",
  (value) => !hasHiddenData(value),
  "must not contain tag characters or stray variation selectors",
);

/**
 * A run of combining marks longer than any language needs (UAX #15 §13, Stream-Safe Text Format). Normalising sorts the marks in quadratic
 * time: 40,000 pairs of two marks block the process for 13 s, a body of 1 MB for minutes.
 */
const TOO_MANY_MARKS = /\p{M}{31}/u;
const fewMarks = rule<string>(
  "characters",
  (value) => !TOO_MANY_MARKS.test(value),
  "must not contain more than 30 combining marks in a row",
);
/** Limit of UTF-16 units per normalised character: a decomposed character has at most four code points of two units. */
const UNITS_BEFORE_NORMALISING = 8;

/**
 * The rules of every text: `least` to `most` characters, and at least one visible character unless the text is empty.
 * The text is trimmed and converted to NFC, so that texts which look equal are equal.
 */
const readable = (least: number, most: number) =>
  [
    // Rejects a very long text before the normalisation, which takes time.
    rule<string>(
      "too_long",
      (value) => value.length <= UNITS_BEFORE_NORMALISING * most,
      `must have at most ${most} characters`,
    ),
    fewMarks,
    v.normalize("NFC"),
    v.trim(),
    minCharacters(least),
    maxCharacters(most),
    wellFormed,
    noControlCharacters,
    visibleCharacter,
    noHiddenData,
  ] as const;

/**
 * Long text of `least` to `most` characters. Allows changes of the writing direction, which quotations in Arabic script need, if they end in
 * the paragraph where they begin.
 */
export const text = (least: number, most: number) =>
  v.pipe(
    string(),
    ...readable(least, most),
    rule("characters", isBalanced, "must end every change of direction in its own paragraph"),
  );

const noDirectionChange = rule<string>(
  "characters",
  (value) => !changesDirection(value),
  "must not contain characters that change the direction of text",
);
const oneLine = rule<string>(
  "characters",
  (value) => !breaksLists(value),
  "must be one line without stacked combining marks",
);

/**
 * Single-line text that is shown in lists and identifies its owner: a title, or the name of a person, skill, place or file.
 */
export const name = (least: number, most: number) =>
  v.pipe(string(), ...readable(least, most), noDirectionChange, oneLine);

/** C0 and C1 control characters, and the line and paragraph separators, which some programs treat as line breaks. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/**
 * A file name without a path, in any script. Rejects control characters even at its ends, where trimming would remove line breaks: such a
 * name comes from an attempt to inject into a header or a log.
 */
export const fileName = (most: number) =>
  v.pipe(
    string(),
    rule("characters", (value) => !CONTROL.test(value), "must not contain line breaks or other control characters"),
    ...readable(1, most),
    noDirectionChange,
    oneLine,
    v.regex(/^[^/\\]+$/, "must be a name without a path"),
  );

/** An RFC 3339 timestamp with its offset. */
export const timestamp = v.pipe(
  string(),
  v.regex(
    /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i,
    "must be an RFC 3339 timestamp with an offset, such as 2026-05-01T09:30:00Z",
  ),
  rule("format", (value) => isRealDate(value), "must be a date that exists"),
);

/**
 * Whether the date exists: `Date` turns 31 February into March, but a claim about time must not change. PostgreSQL has no year 0, and we
 * accept no year after 9999.
 */
function isRealDate(value: string): boolean {
  const [day = ""] = value.split(/t/i);
  const midnight = new Date(`${day}T00:00:00Z`);
  const year = new Date(value).getUTCFullYear();
  return year >= 1 && year <= 9999 && !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
