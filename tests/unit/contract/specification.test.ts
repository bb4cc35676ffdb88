import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { document } from "./document.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const SPECIFICATION = readFileSync(join(ROOT, "docs", "spec", "platform.md"), "utf8");
const section = (from: string, to: string) =>
  SPECIFICATION.slice(SPECIFICATION.indexOf(from), SPECIFICATION.indexOf(to));

test("the specification lists exactly the operations of the OpenAPI document", () => {
  const named = [...section("### Routes", "## 2. ").matchAll(/`([A-Z/]+) (\/[^\s`]*)`/g)].flatMap(
    ([, methods = "", path = ""]) => methods.split("/").map((method) => `${method} ${path}`),
  );
  const made = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(named.toSorted()).toEqual(made.toSorted());
});

test("the specification lists every table of the database", () => {
  const created = globSync(join(ROOT, "migrations", "*.sql")).flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/^CREATE TABLE "(\w+)"/gm)].map(([, name]) => name),
  );
  const named = [...section("## 3. ", "## 4. ").matchAll(/`([a-z_]+)`/g)].map(([, name]) => name);
  expect(created.length).toBeGreaterThan(20);
  expect(created.filter((name) => !named.includes(name))).toEqual([]);
});
