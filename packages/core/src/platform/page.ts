import * as v from "valibot";
import { CURSOR_MAX_CHARACTERS, PAGE_MAX_BYTES } from "./bounds.ts";
import { type AppError, invalidField } from "./error.ts";
import { Input } from "./input.ts";

const DEFAULT_LIMIT = "20";
const MAX_LIMIT = 100;

const NOT_OF_THIS_LIST = "must be the next_cursor of a page of this list";

/** The error for a cursor that the same list issued for another order. */
export const cursorOfOtherOrder = (): AppError => invalidField("cursor", "format", NOT_OF_THIS_LIST);

/** One page of a list: the response of every list. */
export interface Page<T> {
  readonly data: readonly T[];
  /** The `cursor` of the next page; null on the last page. */
  readonly next_cursor: string | null;
}

const limit = v.optional(
  v.pipe(
    v.string("must be a whole number"),
    v.regex(/^\d{1,9}$/, "must be a whole number"),
    v.transform(Number),
    v.minValue(1, "must be at least 1"),
    v.maxValue(MAX_LIMIT, `must be at most ${MAX_LIMIT}`),
  ),
  DEFAULT_LIMIT,
);

/**
 * Keyset pagination of one list. A cursor contains the sort keys of the last row of a page, so that every page costs the same, and rows that
 * are inserted or deleted meanwhile do not shift other rows.
 * @param list the name of the list, part of every cursor: the cursor of one list is invalid in another list
 * @param keys schema of the sort keys, a tuple
 */
export function paging<Keys extends readonly string[]>(list: string, keys: v.GenericSchema<unknown, Keys>) {
  const parse = (text: string) => v.safeParse(keys, decode(list, text));
  const cursor = v.optional(
    v.pipe(
      Input.string(),
      Input.maxCharacters(CURSOR_MAX_CHARACTERS),
      Input.rule("format", (text) => parse(text).success, NOT_OF_THIS_LIST),
      v.transform((text) => v.parse(keys, decode(list, text))),
    ),
  );
  const cursorAfter = <Row>(rows: readonly Row[], count: number, keysOf: (row: Row) => Keys): string | null => {
    const last = rows[count - 1];
    return rows.length > count && last !== undefined ? encode(list, keysOf(last)) : null;
  };
  return {
    /** The two query parameters of every list. */
    query: { limit, cursor },
    /** The cursor after the row with these sort keys. */
    encode: (after: Keys) => encode(list, after),
    /**
     * Creates a page of at most `limit` rows from up to `limit + 1` rows; the extra row only shows that there are more.
     * @param maxBytes maximum size of the items as JSON: a larger page is cut, but contains at least its first item
     */
    page<Row, T>(
      rows: readonly Row[],
      limit: number,
      keysOf: (row: Row) => Keys,
      toInfo: (row: Row) => T,
      maxBytes: number = PAGE_MAX_BYTES,
    ): Page<T> {
      const items = rows.slice(0, limit).map(toInfo);
      const count = fitting(
        items.map((item) => JSON.stringify(item)),
        maxBytes,
      );
      return { data: items.slice(0, count), next_cursor: cursorAfter(rows, count, keysOf) };
    },
    /** The JSON string of {@link page}. Serialises each item once, both for its size and for the response. */
    text<Row>(
      rows: readonly Row[],
      limit: number,
      keysOf: (row: Row) => Keys,
      toInfo: (row: Row) => unknown,
      maxBytes: number = PAGE_MAX_BYTES,
    ): string {
      const items = rows.slice(0, limit).map((row) => JSON.stringify(toInfo(row)));
      const count = fitting(items, maxBytes);
      const nextCursor = JSON.stringify(cursorAfter(rows, count, keysOf));
      return `{"data":[${items.slice(0, count).join(",")}],"next_cursor":${nextCursor}}`;
    },
    /**
     * The JSON string of {@link page}, from items that are already JSON strings, for lists whose only sort key is an id.
     * @param ids the ids of the items; one id more than `limit` only shows that there are more
     */
    joined(ids: readonly string[], items: readonly string[], limit: number, maxBytes: number = PAGE_MAX_BYTES): string {
      const shown = items.slice(0, limit);
      const count = fitting(shown, maxBytes);
      const last = ids.length > count ? ids[count - 1] : undefined;
      const nextCursor = last === undefined ? "null" : JSON.stringify(encode(list, [last]));
      return `{"data":[${shown.slice(0, count).join(",")}],"next_cursor":${nextCursor}}`;
    },
  };
}

/** How many of these JSON strings, with commas, fit into `maxBytes` bytes together; at least one. */
function fitting(items: readonly string[], maxBytes: number): number {
  let bytes = 0;
  const end = items.findIndex((item, index) => {
    bytes += Buffer.byteLength(item) + 1;
    return index > 0 && bytes > maxBytes;
  });
  return end < 0 ? items.length : end;
}

function encode(list: string, keys: readonly string[]): string {
  return Buffer.from(JSON.stringify([list, ...keys])).toString("base64url");
}

/** The unvalidated sort keys in a cursor; undefined for a cursor that this list never issued. */
function decode(list: string, text: string): unknown {
  try {
    const bytes = Buffer.from(text, "base64url");
    if (bytes.toString("base64url") !== text) return undefined; // the decoder skips characters that are not Base64
    const parts: unknown = JSON.parse(bytes.toString());
    return Array.isArray(parts) && parts[0] === list ? parts.slice(1) : undefined;
  } catch {
    return undefined;
  }
}

export * as Page from "./page.ts";
