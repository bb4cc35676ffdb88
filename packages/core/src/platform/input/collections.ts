import { METADATA_MAX_BYTES, METADATA_MAX_KEYS, SKILLS_MAX } from "../bounds.ts";
import * as v from "valibot";
import type { FieldCode } from "../error.ts";
import { coded, guarded, rule } from "./field-code.ts";
import { maxCharacters, string, uuid } from "./text.ts";

type Items<Item extends v.GenericSchema> = v.ArraySchema<Item, string>;

/**
 * A list of `least` to `most` items. Every list in a request uses this schema. Checks the length before any item, so
 * that a list of a megabyte is rejected at once and with a single error.
 * @param things the items in the plural: "must have at most 10 skills"
 */
export function list<Item extends v.GenericSchema>(item: Item, least: number, most: number, things: string) {
  const tooMany = `must have at most ${most} ${things}`;
  const isInside = (value: unknown) => !Array.isArray(value) || value.length <= most;
  return v.pipe(
    guarded<Items<Item>>(v.array(item, "must be a list"), "too_many", isInside, tooMany),
    coded<v.InferOutput<Items<Item>>, v.MinLengthAction<v.InferOutput<Items<Item>>, number, string>>(
      "too_few",
      v.minLength(least, `must have at least ${least} ${things}`),
      (value) => value.length >= least,
    ),
    coded<v.InferOutput<Items<Item>>, v.MaxLengthAction<v.InferOutput<Items<Item>>, number, string>>(
      "too_many",
      v.maxLength(most, tooMany),
      (value) => value.length <= most,
    ),
  );
}

const TOO_MANY_KEYS = `must have at most ${METADATA_MAX_KEYS} keys`;

/** Whether an object has few enough keys. Stops counting at the limit: an object of 100,000 keys costs no more than one of 51. */
function hasFewKeys(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true; // another rule rejects it
  let keys = 0;
  for (const key in value) if (Object.hasOwn(value, key) && (keys += 1) > METADATA_MAX_KEYS) return false;
  return true;
}

const record = v.record(string(), v.unknown(), "must be an object");

/** A JSON object of up to 50 keys and 16 KiB. */
export const metadata = v.pipe(
  // valibot accepts a list as an object, and would return an empty object.
  guarded(
    guarded(record, "too_many", hasFewKeys, TOO_MANY_KEYS),
    "type",
    (value) => !Array.isArray(value),
    "must be an object",
  ),
  coded<Record<string, unknown>, v.MaxEntriesAction<Record<string, unknown>, number, string>>(
    "too_many",
    v.maxEntries(METADATA_MAX_KEYS, TOO_MANY_KEYS),
    hasFewKeys,
  ),
  rule(
    "too_long",
    (value) => Buffer.byteLength(JSON.stringify(value)) <= METADATA_MAX_BYTES,
    "must have at most 16 KiB as JSON",
  ),
  rule(
    "characters",
    (value) => isStorable(value),
    "must not contain NUL characters, broken Unicode or numbers out of range",
  ),
);

function isStorable(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\u0000");
  if (typeof value === "number") return Number.isFinite(value); // JSON allows 1e400, which would be returned as null
  if (Array.isArray(value)) return value.every(isStorable);
  if (typeof value === "object" && value !== null)
    return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorable(inner));
  return true;
}

/** A list of up to ten different skills. */
export const skillIds = v.pipe(
  list(uuid, 0, SKILLS_MAX, "skills"),
  rule("duplicate", (ids) => new Set(ids).size === ids.length, "must not contain a skill twice"),
);

/** The values of a query parameter, without duplicates and sorted, so that equal filters are equal strings. */
const split = (text: string) => [...new Set(text.split(","))].toSorted();

/**
 * A query parameter with one to `most` values, separated by commas: `open,assigned`. A single value is a list of one.
 * @param message describes the required format, such as "must be UUIDs, separated by commas"
 */
function commaSeparated<T extends string>(
  item: v.GenericSchema<unknown, T>,
  most: number,
  code: FieldCode,
  message: string,
) {
  const values = v.array(item);
  return v.pipe(
    string(),
    maxCharacters(most * 37),
    rule("too_many", (text) => split(text).length <= most, `must have at most ${most} values`),
    rule(code, (text) => v.is(values, split(text)), message),
    v.transform((text) => v.parse(values, split(text))),
  );
}

/** Up to `most` ids, separated by commas. */
export const uuids = (most: number) => commaSeparated(uuid, most, "format", "must be UUIDs, separated by commas");

/** Some of a fixed set of words, separated by commas. */
export const someOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  commaSeparated<Words[number]>(
    v.picklist(words),
    words.length,
    "not_allowed",
    `must be one or more of ${words.join(", ")}, separated by commas`,
  );
