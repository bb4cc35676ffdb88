import { expect, test } from "vitest";
import * as v from "valibot";
import { PICTURE_MAX_BYTES } from "@gotong/core/domain/avatar/rules.ts";
import { usePlatform } from "../../harness/platform.ts";
import { type Schema, document, operations } from "../../unit/contract/document.ts";

/** Upper limit of responses. Lambda returns at most 6 MB, but a slow network should not have to load more than this limit. */
const MAX_BYTES = 1_000_000;
/**
 * Responses that no JSON schema bounds and that are the same for every caller: the test requests them and counts their
 * bytes.
 */
const STATIC: Readonly<Record<string, string>> = {
  getOpenApi: "/openapi.json",
  getDocs: "/docs",
  getProblems: "/docs/problems",
  getMetrics: "/metrics",
};
/** Responses that are not JSON and are bounded by a CHECK of the database, in bytes. */
const STORED: Readonly<Record<string, number>> = { getAvatar: PICTURE_MAX_BYTES };
/** Responses that may be larger, each with the reason. */
const EXEMPT: Readonly<Record<string, string>> = {
  exportMe:
    "Its lists share one bound, which no schema says: tests/integration/account/export.test.ts asks for the largest parts.",
};

const platform = usePlatform({ workers: false });
const Node = v.record(v.string(), v.unknown());
const toNode = (value: unknown): Schema => (v.is(Node, value) ? value : {});

/** Maximum bytes of a character in a JSON string: at most four in UTF-8, or two if an accepted character is escaped. */
const BYTES_PER_CHARACTER = 4;
/** Maximum bytes of a number in JSON, such as `-1.2345678901234567e-308`. */
const NUMBER_BYTES = 24;

/**
 * The maximum size of a value of this schema, in bytes as JSON.
 * @throws Error with the path of an unbounded value
 */
function mostBytes(schema: Schema, at: string): number {
  const { $ref, anyOf, allOf, enum: values, type, items, properties, additionalProperties } = schema;
  if (typeof $ref === "string") {
    const name = $ref.split("/").at(-1) ?? "";
    return mostBytes(toNode(document.components.schemas[name]), name);
  }
  if (Array.isArray(anyOf)) return Math.max(...anyOf.map((one, index) => mostBytes(toNode(one), `${at}|${index}`)));
  if (Array.isArray(allOf)) return mostBytes(toNode(allOf[0]), at);
  if ("const" in schema) return JSON.stringify(schema["const"]).length;
  if (Array.isArray(values)) return Math.max(...values.map((one) => Buffer.byteLength(JSON.stringify(one))));
  const kinds: unknown[] = [type].flat();
  return Math.max(
    ...kinds.map((kind) => {
      if (kind === "null") return 4;
      if (kind === "boolean") return 5;
      if (kind === "integer" || kind === "number") return NUMBER_BYTES;
      if (kind === "string") return 2 + BYTES_PER_CHARACTER * bound(schema, "maxLength", at);
      if (kind === "array") return listBytes(schema, mostBytes(toNode(items), `${at}[]`) + 1, at);
      if (kind !== "object") throw new Error(`${at} has no type`);
      const own = Object.entries(toNode(properties)).map(
        ([name, inner]) => Buffer.byteLength(JSON.stringify(name)) + 2 + mostBytes(toNode(inner), `${at}.${name}`),
      );
      if (additionalProperties === true) return bound(schema, "x-max-bytes", at);
      if (additionalProperties === false) return 2 + own.reduce((sum, bytes) => sum + bytes, 0);
      return bound(schema, "maxProperties", at) * (300 + mostBytes(toNode(additionalProperties), `${at}.*`));
    }),
  );
}

function listBytes(schema: Schema, itemBytes: number, at: string): number {
  const all = 2 + bound(schema, "maxItems", at) * itemBytes;
  return "x-max-bytes" in schema ? Math.min(all, 2 + Math.max(itemBytes, bound(schema, "x-max-bytes", at))) : all;
}

function bound(schema: Schema, keyword: string, at: string): number {
  const value = schema[keyword];
  if (typeof value !== "number") throw new Error(`${at} has no ${keyword}`);
  return value;
}

test("every response of every route is smaller than 1 MB, by its schema or by its own limit", async () => {
  const sizes: [id: string, status: number, bytes: number][] = [];
  for (const { id, answers } of operations) {
    const path = STATIC[id];
    if (path !== undefined) {
      const answer = await platform.raw("GET", path, { headers: { accept: "*/*" } });
      sizes.push([id, answer.status, (await answer.arrayBuffer()).byteLength]);
    }
    for (const [status, { content }] of answers)
      for (const [media, { schema }] of Object.entries(content)) {
        if (id in EXEMPT || (path !== undefined && status === 200)) continue;
        const stored = status === 200 ? STORED[id] : undefined;
        sizes.push([id, status, stored ?? mostBytes(schema, `${id} ${status} ${media}`)]);
      }
  }
  const largest = sizes.toSorted((a, b) => b[2] - a[2]);
  for (const [id, status, bytes] of largest.slice(0, 8))
    process.stdout.write(`${String(Math.ceil(bytes / 1000)).padStart(6)} KB at most: ${id} ${status}\n`);
  expect(new Set(sizes.map(([id]) => id)).size).toBeGreaterThan(40);
  expect(largest.filter(([, , bytes]) => bytes >= MAX_BYTES)).toEqual([]);
});

test("the check of response sizes reports the location of an unbounded value", () => {
  const text = { type: "string" };
  expect(() => mostBytes(text, "a")).toThrow("a has no maxLength");
  const list = { type: "array", items: { ...text, maxLength: 1 } };
  expect(() => mostBytes(list, "b")).toThrow("b has no maxItems");
  expect(mostBytes({ ...list, maxItems: 3 }, "b")).toBe(2 + 3 * 7);
  const open = { type: "object", additionalProperties: true };
  expect(() => mostBytes({ type: "object", additionalProperties: false, properties: { x: open } }, "c")).toThrow(
    "c.x has no",
  );
});
