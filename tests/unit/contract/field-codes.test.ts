import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as v from "valibot";
import { REQUESTS } from "@gotong/api/openapi/examples.ts";
import { OPERATIONS } from "@gotong/api/openapi/operations.ts";
import { allRoutes } from "@gotong/api/openapi/routes.ts";
import { MEANING } from "@gotong/api/reference/field-codes.ts";
import { problemsPage } from "@gotong/api/reference/problems.ts";
import { FIELD_CODES } from "@gotong/core/platform/error.ts";
import { Input } from "@gotong/core/platform/input.ts";
import { changed, changes } from "../../system/fuzz/arbitrary.ts";
import { sized } from "../../harness/size.ts";
import { document } from "./document.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** Number of generated inputs for each schema. */
const RUNS = sized(60, 300);
const CODES: readonly string[] = FIELD_CODES;

const Item = v.looseObject({ kind: v.string(), type: v.string(), message: v.optional(v.unknown()) });
/** Wrappers and transformations, which need no message since they reject no input themselves. */
const HARMLESS = ["optional", "nullish", "nullable", "unknown", "trim", "to_lower_case", "normalize", "transform"];
/** Types whose message is set where the error is created, so that the schema has none. */
const WITHOUT_MESSAGE = ["strict_object", "literal"];

/** All schemas and actions inside a schema. */
function itemsOf(value: unknown, seen = new Set<unknown>()): v.InferOutput<typeof Item>[] {
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  const inner = Object.values(value).flatMap((one) => itemsOf(one, seen));
  return v.is(Item, value) ? [value, ...inner] : inner;
}

const schemas = (await allRoutes()).flatMap((route) =>
  (["json", "query", "param"] as const).flatMap((from) => {
    const schema = route[from];
    if (!schema || schema.async) return [];
    const id = OPERATIONS[`${route.method} ${route.path}`]?.id ?? "";
    return [{ name: `${id} ${from}`, schema, sample: from === "json" ? REQUESTS[id] : {} }];
  }),
);

test("every validation rule of every route has a field error code of the closed list and its own message", () => {
  const rules = schemas.flatMap(({ name, schema }) => itemsOf(schema).map((item) => ({ name, item })));
  const counted = rules.filter(({ item }) => !HARMLESS.includes(item.type));
  expect(counted.length).toBeGreaterThan(200);
  const lacking = counted.filter(
    ({ item }) =>
      Input.codeOf(item) === undefined || (item.message === undefined && !WITHOUT_MESSAGE.includes(item.type)),
  );
  expect(lacking.map(({ name, item }) => `${name}: ${item.type}`)).toEqual([]);
});

test("invalid input of every kind yields only listed field error codes, with messages in plain English", () => {
  const met = new Set<string>();
  for (const { name, schema, sample } of schemas) {
    const inputs = fc.oneof(
      fc.array(changes, { maxLength: 3 }).map((lists) => lists.flat().reduce<unknown>(changed, sample)),
      fc.jsonValue({ maxDepth: 3 }),
      fc.dictionary(fc.constantFrom(...Object.keys(sample ?? {}), "limit", "cursor", "x"), fc.jsonValue()),
    );
    for (const input of fc.sample(inputs, { numRuns: RUNS, seed: 11 })) {
      const { issues } = v.safeParse(schema, input, { abortPipeEarly: true });
      for (const issue of issues ?? []) {
        const error = Input.toFieldError(issue);
        met.add(error.code);
        expect(CODES, `${name} ${JSON.stringify(error)}`).toContain(error.code);
        expect(error.message, name).toMatch(/^(must |is |names )[^"]+$/);
      }
    }
  }
  expect([...met].toSorted()).toEqual(expect.arrayContaining(["format", "not_allowed", "required", "type"]));
});

test("the list of field error codes is the same in code, OpenAPI document, docs and the problems page", () => {
  const { code } = v.parse(
    v.looseObject({ code: v.object({ enum: v.array(v.string()) }) }),
    document.components.schemas["FieldError"]?.["properties"],
  );
  expect(code.enum).toEqual(CODES);
  const docs = readFileSync(join(ROOT, "docs", "api.md"), "utf8");
  const rows = [...docs.matchAll(/^\| `([a-z_]+)` +\| (.+?) +\|$/gm)].map(([, one, meaning]) => [one, meaning]);
  expect(rows.filter(([one = ""]) => CODES.includes(one))).toEqual(Object.entries(MEANING));
  const page = problemsPage();
  for (const one of CODES) expect(page).toContain(`<code>${one}</code>`);
});
