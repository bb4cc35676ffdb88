import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { expect, test } from "vitest";
import { type Edge, againstFloors, cycles, edgesOf, pastDoors } from "./folders.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** Only production code is checked; tests may import past a folder's door. */
const edgesIn = (pattern: string) =>
  globSync(pattern, { cwd: ROOT })
    .map((path) => path.split(sep).join("/"))
    .filter((path) => !path.endsWith(".test.ts"))
    .flatMap((path) => edgesOf(path, readFileSync(join(ROOT, path), "utf8")));
const edges = edgesIn("packages/core/src/**/*.ts");
const outside = edgesIn("packages/{api,workers,ops,local}/src/**/*.ts");

test("core is found with its imports", () => {
  expect(edges.length).toBeGreaterThan(500);
  expect(edges).toContainEqual({ from: "domain/task/task.sql.ts", to: "domain/skill/skill.sql.ts" });
});

test("a folder of core is imported through its index.ts, by other folders and by other packages", () => {
  expect(outside.length).toBeGreaterThan(100);
  expect(pastDoors([...edges, ...outside])).toEqual([]);
});

test("no folder of core imports from a higher floor", () => {
  expect(againstFloors(edges)).toEqual([]);
});

test("no folders of core import each other, not through others either", () => {
  expect(cycles(edges)).toEqual([]);
});

const edge = (from: string, to: string): Edge => ({ from, to });

test.each([
  edge("platform/actor.ts", "domain/user/user.sql.ts"),
  edge("platform/queue/index.ts", "outbox/message.ts"),
  edge("outbox/index.ts", "domain/user/index.ts"),
  edge("outbox/publish.ts", "webhook/index.ts"),
  edge("webhook/record.ts", "domain/task/index.ts"),
  edge("domain/reputation/index.ts", "webhook/index.ts"),
])("an import against the floors is reported: $from of $to", (one) => {
  expect(againstFloors([one])).toHaveLength(1);
});

test("imports within a floor and of a lower one are not reported", () => {
  const allowed = [edge("domain/a/index.ts", "domain/b/index.ts"), edge("webhook/a.ts", "outbox/index.ts")];
  expect(againstFloors(allowed)).toEqual([]);
});

test("a cycle of folders is reported once with all its folders, and what only leads into it is not a part of it", () => {
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

test("a foreign key makes no cycle, and code that uses the other's table does", () => {
  const key = edge("domain/a/a.sql.ts", "domain/b/b.sql.ts");
  expect(cycles([key, edge("domain/b/b.sql.ts", "domain/a/a.sql.ts")])).toEqual([]);
  expect(
    cycles([edge("domain/a/index.ts", "domain/b/b.sql.ts"), edge("domain/b/index.ts", "domain/a/a.sql.ts")]),
  ).toEqual([["domain/a", "domain/b"]]);
});

test.each([
  edge("domain/a/index.ts", "domain/b/list.ts"),
  edge("webhook/record.ts", "outbox/publish.ts"),
  edge("platform/health.ts", "platform/db/pool.ts"),
  edge("packages/api/src/routes/me.ts", "domain/user/profile.ts"),
  edge("packages/ops/src/users.ts", "domain/user/user.sql.ts"),
])("an import past the door is reported: $to by $from", (one) => {
  expect(pastDoors([one])).toHaveLength(1);
});

test("doors, tables within core, files of the own folder and lazy imports are not reported", () => {
  const allowed = [
    edge("domain/a/list.ts", "domain/b/index.ts"),
    edge("domain/a/list.ts", "domain/a/row.ts"),
    edge("domain/a/list.ts", "domain/b/b.sql.ts"),
    edge("domain/a/list.ts", "platform/clock.ts"),
    edge("domain/a/a.sql.ts", "platform/db/columns.ts"),
    edge("platform/input.ts", "platform/input/text.ts"),
    { ...edge("packages/api/src/routes/me.ts", "domain/account/account.ts"), isLazy: true },
  ];
  expect(pastDoors(allowed)).toEqual([]);
});

test("imports of every form are found: types, lazy ones, re-exports", () => {
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
