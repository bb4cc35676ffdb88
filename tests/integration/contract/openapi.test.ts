import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as v from "valibot";
import { buildDocument } from "@gotong/api/openapi/build.ts";
import { REQUESTS } from "@gotong/api/openapi/examples.ts";
import { OPERATIONS } from "@gotong/api/openapi/operations.ts";
import { allRoutes } from "@gotong/api/openapi/routes.ts";
import { breakages, shapeOf } from "@gotong/api/openapi/shape.ts";
import { ADVICE, problemsPage } from "@gotong/api/reference/problems.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { CATALOGUE } from "@gotong/core/platform/error.ts";
import { usePlatform } from "../../harness/platform.ts";
import { committed, document, faults, json, operations, released } from "../../unit/contract/document.ts";

const platform = usePlatform({ workers: false });

test("the committed OpenAPI document matches the code (npm run openapi)", async () => {
  expect(`${JSON.stringify(await buildDocument(), null, 1)}\n` === committed, "run npm run openapi").toBe(true);
});

test("every route is documented in OpenAPI, with a unique operationId and its path parameters", async () => {
  const routes = (await allRoutes()).map(({ method, path }) => `${method} ${path}`);
  expect(Object.keys(OPERATIONS).toSorted()).toEqual(routes.toSorted());
  expect(new Set(operations.map(({ id }) => id)).size).toBe(routes.length);
  for (const { path, parameters } of operations) {
    const named = [...path.matchAll(/{(\w+)}/g)].map(([, name]) => name);
    expect(parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name)).toEqual(named);
  }
});

test("no released field, operation or type is removed from the contract, and no input becomes required", () => {
  expect(breakages(released, shapeOf(json))).toEqual([]);
});

test("a removed field, a removed operation, a changed type and a new requirement are reported as breaking; additions are not", () => {
  const before = ["op GET /a a", "accepts GET /a query.x:string", "gives GET /a 200.id:string", "op GET /b b"];
  const after = [
    "op GET /a a",
    "accepts GET /a query.x:string",
    "gives GET /a 200.id:integer",
    "requires GET /a body.y",
  ];
  expect(breakages(before, after)).toEqual([
    "gone: gives GET /a 200.id:string",
    "gone: op GET /b b",
    "new: requires GET /a body.y",
  ]);
  expect(
    breakages(before, [...before, "op GET /c c", "requires GET /c body.z", "gives GET /a 200.more:string"]),
  ).toEqual([]);
});

test("error codes are the same in code, OpenAPI document, problems page and docs, and each is documented on a route", () => {
  const codes = Object.keys(CATALOGUE).toSorted();
  expect(Object.keys(document.components.examples).toSorted()).toEqual(codes);
  expect(Object.keys(ADVICE).toSorted()).toEqual(codes);
  const page = problemsPage();
  for (const code of codes) expect(page).toContain(`id="${code}"`);
  const docs = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "api.md"), "utf8");
  const rows = [...docs.matchAll(/^\| `([A-Z_]+)` +\| (\d{3}) /gm)].map(([, code, status]) => `${code} ${status}`);
  expect(rows.toSorted()).toEqual(
    Object.entries(CATALOGUE)
      .map(([code, { status }]) => `${code} ${status}`)
      .toSorted(),
  );
  const met = new Set([...committed.matchAll(/#\/components\/examples\/([A-Z_]+)/g)].map(([, code]) => code));
  expect(codes.filter((code) => !met.has(code) && code !== "METHOD_NOT_ALLOWED")).toEqual([]);
});

test("each OpenAPI example of a response or a problem is valid for its schema", () => {
  for (const { id, answers } of operations)
    for (const [status, { content }] of answers)
      for (const { schema, example } of Object.values(content))
        if (example !== undefined) expect(faults(schema, example), `${id} ${status}`).toEqual([]);
  const problem = document.components.schemas["Problem"] ?? {};
  for (const [code, { value }] of Object.entries(document.components.examples))
    expect(faults(problem, value), code).toEqual([]);
});

test("each operation with a body has an example that the OpenAPI schema and the code accept", async () => {
  const back = Clock.set(() => new Date("2026-05-01T10:00:00Z"));
  try {
    for (const route of await allRoutes()) {
      const id = OPERATIONS[`${route.method} ${route.path}`]?.id ?? "";
      if (!route.json || route.json.async) continue;
      expect(v.safeParse(route.json, REQUESTS[id]).issues, id).toBeUndefined();
      const body = operations.find((operation) => operation.id === id)?.body ?? {};
      expect(faults(body, REQUESTS[id]), id).toEqual([]);
    }
  } finally {
    back();
  }
});

test("the OpenAPI schema and the code reject a timestamp on a day that does not exist", async () => {
  const route = (await allRoutes()).find(({ path }) => path === "/v1/admin/webhook-failures/redrive");
  const body = operations.find(({ id }) => id === "redriveWebhookFailures")?.body ?? {};
  if (!route?.json || route.json.async) throw new Error("the route takes no body");
  for (const [day, isReal] of [
    ["2026-02-28", true],
    ["2026-02-30", false],
  ] as const) {
    const request = { failed_from: `${day}T00:00:00Z`, failed_before: "2026-05-01T00:00:00Z" };
    expect([day, v.is(route.json, request), faults(body, request).length === 0]).toEqual([day, isReal, isReal]);
  }
});

test("the OpenAPI document and its pages are served without scripts and without resources of other origins", async () => {
  const served = await platform.raw("GET", "/openapi.json");
  expect([served.status, await served.json()]).toEqual([200, json]);
  for (const path of ["/docs", "/docs/problems"]) {
    const page = await platform.raw("GET", path, { headers: { accept: "text/html" } });
    const html = await page.text();
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+';/);
    expect(html).not.toMatch(
      /<script|<link|<img|src=|@import|url\(|https?:\/\/(?!files\.example\.org|[\w.]*example\.org)/,
    );
  }
  const html = await (await platform.raw("GET", "/docs")).text();
  for (const { id } of operations) expect(html).toContain(`id="${id}"`);
});

test("the `type` URL of a problem leads to its documentation", async () => {
  const { json: problem } = await platform.request("GET", "/v1/me");
  const [path = "", anchor] = String(problem["type"]).split("#");
  const page = await (await platform.raw("GET", path)).text();
  expect(page).toContain(`<section id="${anchor}">`);
});
