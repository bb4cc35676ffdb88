import { type SQL, eq, inArray, sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  type PgColumn,
  customType,
  doublePrecision,
  json,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import { HIDING_REASON_MAX_CHARACTERS, METADATA_MAX_BYTES } from "../bounds.ts";
import { Id } from "../id.ts";

/** A timestamp column: always `timestamptz`, read as a `Date`. */
export const timestamptz = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

export const id = { id: uuid("id").primaryKey().$defaultFn(Id.uuid) };
export const createdAt = { createdAt: timestamptz("created_at").notNull().defaultNow() };
export const timestamps = { ...createdAt, updatedAt: timestamptz("updated_at").notNull().defaultNow() };

/** SQL for a timestamp as `Date.toISOString` writes it. */
export const utcText = (column: PgColumn | SQL) =>
  sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/**
 * Sort order of lists, newest first, since ids are time-ordered. Written like the indexes (`desc nulls last`), because the planner ignores an
 * index whose null order differs, even on a column without nulls.
 */
export const newestFirst = (column: PgColumn) => sql`${column} desc nulls last`;

/** The condition of an optional filter; undefined when the filter is not set. */
export const optionalCondition = <T>(value: T | undefined, condition: (value: T) => SQL): SQL | undefined =>
  value === undefined ? undefined : condition(value);

/**
 * A condition of a list's query that PostgreSQL evaluates by the index of the condition. `offset 0` stops the planner
 * from scanning the whole table in the order of the list, which it does for a prepared query if it cannot estimate the
 * number of matching rows.
 * @param id the primary key of the condition's table
 */
export const byIndex = (id: PgColumn, condition: SQL | undefined): SQL =>
  sql`${id} in (select ${id} from ${id.table} where ${condition} offset 0)`;

/**
 * The condition that a column has one of the given values; undefined when the filter is not set. A single value is
 * compared with `=`, because only then does the planner use the order of an index that begins with the column.
 */
export function anyOf<T extends string>(
  column: PgColumn & { readonly _: { readonly data: T } },
  values: readonly NoInfer<T>[] | undefined,
): SQL | undefined {
  if (values === undefined) return undefined;
  const [only, ...others] = values;
  return only !== undefined && others.length === 0 ? eq(column, only) : inArray(column, [...values]);
}

/** Columns for a point on Earth in WGS 84 degrees. Both are set or neither; see {@link coordinateRule}. */
export const coordinates = { latitude: doublePrecision("latitude"), longitude: doublePrecision("longitude") };
export const coordinateRule = sql`(latitude is null) = (longitude is null) and latitude between -90 and 90 and longitude between -180 and 180`;

/**
 * SQL for a text in the form that searches compare: lower case, without accents, and with spaces instead of the punctuation inside words that
 * PostgreSQL's parser would treat as parts of addresses and numbers. `Search.words` does the same with a query.
 */
export const searchable = (value: SQL): SQL =>
  sql`translate(lower(regexp_replace(normalize(${value}, NFD), '[\u0300-\u036f]', '', 'g')), '-_./@:', '      ')`;

/** A column of bytes. */
export const bytes = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => "bytea",
  toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
});

const tsvector = customType<{ data: string }>({ dataType: () => "tsvector" });

/** A generated column that contains the words of a text, without stemming. */
export const searchVector = (name: string, value: SQL) =>
  tsvector(name).generatedAlwaysAs(sql`to_tsvector('simple', ${searchable(value)})`);

/** A `CHECK` rule such as `length(column) between 1 and 200`, in characters; only the upper bound if `least` is 0. */
export function lengthRule(column: string, least: number, most: number): SQL {
  return sql.raw(`length(${column}) ${least === 0 ? `<= ${most}` : `between ${least} and ${most}`}`);
}

/** Spaces and invisible characters. PostgreSQL does not support Unicode properties, so this list contains no combining marks, and a text of combining marks alone is accepted. */
const INVISIBLE = String.raw`\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF`;
/** Characters that change the writing direction, line breaks and tabs. */
const DISORDERLY = String.raw`\t\n\r\u0085\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069`;

/**
 * The `CHECK` rule of a text that must not be empty: {@link lengthRule}, and at least one visible character. A second check after `Input.text`,
 * which has the exact rules.
 */
export const textRule = (column: string, most: number): SQL =>
  sql`${lengthRule(column, 1, most)} and ${sql.raw(`${column} ~ '[^${INVISIBLE}]'`)}`;

/**
 * The `CHECK` rule of a name or title: {@link textRule}, and no character that changes the writing direction or breaks a line. A second check
 * after `Input.name`, which has the exact rules.
 */
export const nameRule = (column: string, most: number): SQL =>
  sql`${textRule(column, most)} and ${sql.raw(`${column} !~ '[${DISORDERLY}]'`)}`;

/**
 * Columns for the time of hiding content, its reason, and the admin who hid it: all three are set or none; see {@link hidingRule}.
 * @param member the column that the admin's id references
 */
export const hiding = (member: () => AnyPgColumn) => ({
  hiddenAt: timestamptz("hidden_at"),
  hiddenReason: text("hidden_reason"),
  hiddenBy: uuid("hidden_by").references(member),
});
export const hidingRule = sql`num_nulls(hidden_at, hidden_reason, hidden_by) in (0, 3) and (hidden_reason is null or ${textRule("hidden_reason", HIDING_REASON_MAX_CHARACTERS)})`;

/** A text column with a closed list of values; its `CHECK` is {@link oneOf}. */
export const enumColumn = <const T extends readonly [string, ...string[]]>(name: string, values: T) =>
  text(name, { enum: [...values] as [T[number], ...T[number][]] });

/** A `CHECK` rule such as `column in ('a', 'b')`. The values are our own constants, never input. */
export const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`${column} in (${values.map((value) => `'${value}'`).join(", ")})`);

/**
 * A column for JSON objects with arbitrary fields from outside; its `CHECK` is {@link metadataRule}. Uses `json`, which
 * stores the string as written: `jsonb` expands numbers, so that 16 KiB of `5e-324` (326 digits each) would be read as
 * 760 KB.
 */
export const metadata = (name: string) => json(name).$type<Record<string, unknown>>().notNull().default({});
export const metadataRule = (column: string) =>
  sql.raw(`json_typeof(${column}) = 'object' and octet_length(${column}::text) <= ${METADATA_MAX_BYTES}`);
