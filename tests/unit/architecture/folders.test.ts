import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { expect, test } from "vitest";
import { type Edge, againstLayers, cycles, edgesOf, pastEntryPoints } from "./folders.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** The imports in production code. Tests are not checked, since they may bypass the public entry point of a folder. */
const edgesIn = (pattern: string) =>
  globSync(pattern, { cwd: ROOT })
    .map((path) => path.split(sep).join("/"))
    .filter((path) => !path.endsWith(".test.ts"))
    .flatMap((path) => edgesOf(path, readFileSync(join(ROOT, path), "utf8")));
const edges = edgesIn("packages/core/src/**/*.ts");
const outside = edgesIn("packages/{api,workers,ops,local}/src/**/*.ts");

test("the search finds imports of core's files in production code", () => {
  expect(edges.length).toBeGreaterThan(500);
  expect(edges).toContainEqual({ from: "domain/task/task.sql.ts", to: "domain/skill/skill.sql.ts" });
});

test("other folders and packages import a folder of core through its public entry point index.ts", () => {
  expect(outside.length).toBeGreaterThan(100);
  expect(pastEntryPoints([...edges, ...outside])).toEqual([]);
});

test("no folder of core imports from a higher layer", () => {
  expect(againstLayers(edges)).toEqual([]);
});

test("no folders of core import each other, directly or through other folders", () => {
  expect(cycles(edges)).toEqual([]);
});

test("the code that reads original files imports no picture decoder, so that gotong and its function are built without sharp", () => {
  const reached = new Set(["domain/evidence/original.ts"]);
  for (const file of reached) for (const { from, to } of edges) if (from === file) reached.add(to);
  expect([...reached]).toContain("domain/evidence/examiner/jpeg.ts");
  expect(
    [...reached].filter((file) => /evidence\/(examine|examiner\/decode|examiner\/program)\.ts$/.test(file)),
  ).toEqual([]);
});

const edge = (from: string, to: string): Edge => ({ from, to });

test.each([
  edge("platform/actor.ts", "domain/user/user.sql.ts"),
  edge("platform/queue/index.ts", "outbox/message.ts"),
  edge("outbox/index.ts", "domain/user/index.ts"),
  edge("outbox/leftovers.ts", "webhook/index.ts"),
  edge("webhook/record.ts", "domain/task/index.ts"),
  edge("domain/reputation/index.ts", "webhook/index.ts"),
])("an import from a lower layer to a higher one is reported: $from of $to", (one) => {
  expect(againstLayers([one])).toHaveLength(1);
});

test("imports within a layer and from a lower layer are not reported", () => {
  const allowed = [edge("domain/a/index.ts", "domain/b/index.ts"), edge("webhook/a.ts", "outbox/index.ts")];
  expect(againstLayers(allowed)).toEqual([]);
});

test("a cycle of folders is reported once with all its folders, without folders that only lead into it", () => {
  const circular = [
    edge("domain/a/index.ts", "domain/b/x.ts"),
    edge("domain/b/y.ts", "domain/c/index.ts"),
    edge("domain/c/z.ts", "domain/a/other.ts"),
    edge("domain/d/index.ts", "domain/a/index.ts"),
    edge("domain/a/index.ts", "platform/clock.ts"),
  ];
  expect(cycles(circular)).toEqual([["domain/a", "domain/b", "domain/c"]]);
  expect(
    cycles([edge("platform/clock.ts", "platform/db/index.ts"), edge("platform/db/x.ts", "platform/clock.ts")]),
  ).toEqual([["platform/clock", "platform/db"]]);
});

test("a foreign key does not count as part of a cycle, but code that uses the other folder's table does", () => {
  const key = edge("domain/a/a.sql.ts", "domain/b/b.sql.ts");
  expect(cycles([key, edge("domain/b/b.sql.ts", "domain/a/a.sql.ts")])).toEqual([]);
  expect(
    cycles([edge("domain/a/index.ts", "domain/b/b.sql.ts"), edge("domain/b/index.ts", "domain/a/a.sql.ts")]),
  ).toEqual([["domain/a", "domain/b"]]);
});

test.each([
  edge("domain/a/index.ts", "domain/b/list.ts"),
  edge("webhook/record.ts", "outbox/leftovers.ts"),
  edge("platform/health.ts", "platform/db/pool.ts"),
  edge("packages/api/src/routes/me.ts", "domain/user/profile.ts"),
  edge("packages/ops/src/users.ts", "domain/user/user.sql.ts"),
])("an import that bypasses the public entry point of a folder is reported: $to by $from", (one) => {
  expect(pastEntryPoints([one])).toHaveLength(1);
});

test("imports of entry points, tables within core, files of the same folder and lazy imports are not reported", () => {
  const allowed = [
    edge("domain/a/list.ts", "domain/b/index.ts"),
    edge("domain/a/list.ts", "domain/a/row.ts"),
    edge("domain/a/list.ts", "domain/b/b.sql.ts"),
    edge("domain/a/list.ts", "platform/clock.ts"),
    edge("domain/a/a.sql.ts", "platform/db/columns.ts"),
    edge("platform/input.ts", "platform/input/text.ts"),
    { ...edge("packages/api/src/routes/me.ts", "domain/account/account.ts"), isLazy: true },
  ];
  expect(pastEntryPoints(allowed)).toEqual([]);
});

test("imports of every form are found: types, lazy imports and re-exports", () => {
  const source =
    'import type { A } from "../a/index.ts"; export * from "../b/index.ts"; const c = () => import("../c/index.ts"); type D = import("../d/index.ts").D; export { e } from "../e/index.ts"; import { v } from "valibot";';
  const found = edgesOf("packages/core/src/domain/x/index.ts", source);
  expect(found.map(({ to }) => to)).toEqual(["a", "b", "c", "d", "e"].map((name) => `domain/${name}/index.ts`));
  expect(found.filter(({ isLazy }) => isLazy === true).map(({ to }) => to)).toEqual(["domain/c/index.ts"]);
  const api = 'import { Task } from "@gotong/core/domain/task/index.ts"; import { x } from "./x.ts";';
  expect(edgesOf("packages/api/src/a.ts", api)).toEqual([
    { from: "packages/api/src/a.ts", to: "domain/task/index.ts" },
  ]);
});
