import * as v from "valibot";
import { _addIssue as addIssue } from "valibot"; // what its own actions say their issues with
import { METADATA_MAX_BYTES } from "./bounds.ts";

/** Schemas that several operations share; routes re-use the operations' own. Sentences end an error's `field: …`. */

export const uuid = v.pipe(v.string("must be a text"), v.uuid("must be a UUID"), v.toLowerCase());
/** Text without control characters (a NUL cannot be stored, the others have no place in a title). */
const clean = v.regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/u, "must not hold control characters");
const wellFormed = v.check((value: string) => value.isWellFormed(), "must be well-formed Unicode");

type Length = v.BaseValidation<string, string, v.BaseIssue<unknown>>;

/** Lengths in characters as people and PostgreSQL count them (code points), and as JSON Schema does; not in UTF-16 units. */
function counted<A extends Length>(action: A, isRight: (characters: number) => boolean): A {
  return {
    ...action,
    "~run": (dataset, config) => {
      const characters = dataset.typed ? Array.from(dataset.value).length : 0;
      if (dataset.typed && !isRight(characters))
        addIssue(action, "length", dataset, config, { received: String(characters) });
      return dataset;
    },
  };
}
export const minCharacters = (least: number, message: string) =>
  counted(v.minLength<string, number, string>(least, message), (characters) => characters >= least);
export const maxCharacters = (most: number, message: string) =>
  counted(v.maxLength<string, number, string>(most, message), (characters) => characters <= most);

/** A name of atoms, and a domain with a dot. No two parts match the same text, so that no text takes long to read. */
const EMAIL =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([a-z0-9]+(-+[a-z0-9]+)*\.)+[a-z0-9]+(-+[a-z0-9]+)*$/i;
const isEmail = v.rfcEmail<string, string>("must be an e-mail address");
/** As readers of JSON Schema understand `format: email`: stricter than what browsers take. */
export const email: typeof isEmail = {
  ...isEmail,
  "~run": (dataset, config) => {
    if (dataset.typed && !EMAIL.test(dataset.value)) addIssue(isEmail, "email", dataset, config);
    return dataset;
  },
};

/** Trimmed text of `least` to `most` characters. */
export const text = (least: number, most: number) =>
  v.pipe(
    v.string("must be a text"),
    v.trim(),
    minCharacters(least, least === 1 ? "must not be empty" : `must have at least ${least} characters`),
    maxCharacters(most, `must have at most ${most} characters`),
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
    /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i,
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

/** To valibot a list is an object, of which it would keep nothing. */
const notList = <S extends v.GenericSchema>(schema: S): S => ({
  ...schema,
  "~run": (dataset, config) => {
    if (!Array.isArray(dataset.value)) return schema["~run"](dataset, config);
    addIssue(schema, "type", dataset, config);
    return dataset;
  },
});

/** A JSON object of at most 50 keys and 16 KiB. */
export const metadata = v.pipe(
  notList(v.record(v.string(), v.unknown(), "must be an object")),
  v.check((value) => Object.keys(value).length <= METADATA_MAX_KEYS, `must have at most ${METADATA_MAX_KEYS} keys`),
  v.check(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= METADATA_MAX_BYTES,
    "must have at most 16 KiB as JSON",
  ),
  v.check(
    (value) => isStorable(value),
    "must not hold NUL characters, broken Unicode or numbers beyond those of a computer",
  ),
);

function isStorable(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\u0000");
  if (typeof value === "number") return Number.isFinite(value); // JSON takes 1e400, and would give null back
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
