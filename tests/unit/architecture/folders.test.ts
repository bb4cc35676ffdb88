import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { expect, test } from "vitest";
import { type Edge, againstFloors, cycles, edgesOf } from "./folders.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const files = globSync("packages/core/src/**/*.ts", { cwd: ROOT })
  .map((path) => path.split(sep).join("/"))
  .filter((path) => !path.endsWith(".test.ts"));
const edges = files.flatMap((path) => edgesOf(path, readFileSync(join(ROOT, path), "utf8")));

test("core is found with its imports", () => {
  expect(edges.length).toBeGreaterThan(500);
  expect(edges).toContainEqual({ from: "domain/task/task.sql.ts", to: "domain/skill/skill.sql.ts" });
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
  ).toEqual([["platform/clock.ts", "platform/db"]]);
});

test("a foreign key makes no cycle, and code that uses the other's table does", () => {
  const key = edge("domain/a/a.sql.ts", "domain/b/b.sql.ts");
  expect(cycles([key, edge("domain/b/b.sql.ts", "domain/a/a.sql.ts")])).toEqual([]);
  expect(
    cycles([edge("domain/a/index.ts", "domain/b/b.sql.ts"), edge("domain/b/index.ts", "domain/a/a.sql.ts")]),
  ).toEqual([["domain/a", "domain/b"]]);
});

test("imports of every form are found: types, lazy ones, re-exports", () => {
  const source =
    'import type { A } from "../a/index.ts"; export * from "../b/index.ts"; const c = () => import("../c/index.ts"); type D = import("../d/index.ts").D; export { e } from "../e/index.ts"; import { v } from "valibot";';
  expect(edgesOf("packages/core/src/domain/x/index.ts", source).map(({ to }) => to)).toEqual(
    ["a", "b", "c", "d", "e"].map((name) => `domain/${name}/index.ts`),
  );
});
