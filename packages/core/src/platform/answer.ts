import * as v from "valibot";
import {
  CURSOR_MAX_CHARACTERS,
  EMAIL_MAX_CHARACTERS,
  METADATA_MAX_BYTES,
  METADATA_MAX_KEYS,
  PAGE_MAX_BYTES,
  SKILLS_MAX,
} from "./bounds.ts";
import { Input } from "./input.ts";

/**
 * Building blocks for response schemas. Each domain declares its responses in a `schema.ts`. The domain infers its
 * types from them, the OpenAPI document is built from them, and the tests validate every response with them. No process
 * loads a `schema.ts` at run time, so they cost nothing at cold start (tests/unit/architecture/answer-schemas.test.ts).
 */

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
/** The type of a response schema. */
export type Of<Schema extends v.GenericSchema> = DeepReadonly<v.InferOutput<Schema>>;

const INT32_MAX = 2_147_483_647;

export const uuid = v.pipe(
  v.string(),
  v.uuid(),
  Input.maxCharacters(36),
  v.metadata({ examples: ["0198c0de-0000-7000-8000-000000000001"] }),
);
export const timestamp = v.pipe(
  v.string(),
  v.isoTimestamp(),
  Input.maxCharacters(40),
  v.metadata({ description: "RFC 3339, UTC.", examples: ["2026-05-01T09:30:00.000Z"] }),
);
/** Schema of a string of at most `most` characters (code points). */
export const text = (most: number, example: string) =>
  v.pipe(v.string(), Input.maxCharacters(most), v.metadata({ examples: [example] }));
export const email = v.pipe(
  v.string(),
  Input.email,
  Input.maxCharacters(EMAIL_MAX_CHARACTERS),
  v.metadata({ examples: ["sari@example.org"] }),
);
export const url = v.pipe(v.string(), v.url(), Input.maxCharacters(4_000));
export const sha256 = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{64}$/),
  Input.maxCharacters(64),
  v.description("SHA-256 as hex digits."),
);
/** Schema of an integer between `least` and `most`, inclusive. */
export const integer = (least: number, most: number = INT32_MAX) =>
  v.pipe(
    v.number(),
    v.integer(),
    v.minValue(least),
    v.maxValue(most),
    v.metadata({ format: most > INT32_MAX ? "int64" : "int32" }),
  );
export const number = (least: number, most: number) => v.pipe(v.number(), v.minValue(least), v.maxValue(most));
export const coordinates = v.pipe(
  v.strictObject({ lat: number(-90, 90), lon: number(-180, 180) }),
  v.description("WGS 84 degrees."),
);

export const list = <Item extends v.GenericSchema>(item: Item, maxItems = 100) =>
  v.pipe(v.array(item), v.maxLength(maxItems));
/** Schema of a list that is cut before it exceeds `maxBytes` as JSON, but that contains at least its first item. */
export const boundedList = <Item extends v.GenericSchema>(item: Item, maxItems: number, maxBytes: number) =>
  v.pipe(list(item, maxItems), v.metadata({ "x-max-bytes": maxBytes }));
export const skillIds = list(uuid, SKILLS_MAX);
/** Schema of a JSON object of limited size, whose fields its author chooses. */
export const freeObject = (description: string, maxBytes: number = METADATA_MAX_BYTES) =>
  v.pipe(v.record(v.string(), v.unknown()), v.metadata({ description, "x-max-bytes": maxBytes }));
/** Schema of `metadata`, which members write. */
export const metadata = freeObject(`At most ${METADATA_MAX_KEYS} keys and ${METADATA_MAX_BYTES / 1024} KiB.`);

/** Schema of a cursor: the sort keys of the last item in Base64, see `page.ts`. */
export const cursor = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/), Input.maxCharacters(CURSOR_MAX_CHARACTERS));
/** Schema of the cursor of the next page. `description` names the parameter that takes it. */
export const nextCursor = (description: string, example: string) =>
  v.pipe(v.nullable(v.pipe(cursor, v.metadata({ examples: [example] }))), v.description(description));

/** Schema of one page of a list. */
export const page = <Item extends v.GenericSchema>(item: Item) =>
  v.strictObject({
    data: boundedList(item, 100, PAGE_MAX_BYTES),
    next_cursor: nextCursor("The `cursor` of the next page; null on the last page.", "WyJ0YXNrcyIsIjAxOThjMGRlIl0"),
  });

export * as Answer from "./answer.ts";
