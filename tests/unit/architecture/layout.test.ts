import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const files = (pattern: string) => globSync(pattern, { cwd: ROOT, exclude: (name) => name === "node_modules" });
/** Imports of test helpers that start a service or need the global setup. */
const SERVICES =
  /from "[^"]*harness\/(platform|database|redis|global-setup)\.ts"|from "@gotong\/local\/(aws|postgres)\.ts"/;

test("every test file belongs to exactly one project of vitest.config.ts", () => {
  const found = files("{tests,packages,infra,scripts}/**/*.test.ts");
  expect(found.length).toBeGreaterThan(100);
  expect(found.filter((path) => !/^(packages|tests\/(unit|integration|system|infra))\//.test(path))).toEqual([]);
});

test("no unit test imports a helper that starts a service", () => {
  const found = [...files("packages/**/*.test.ts"), ...files("tests/unit/**/*.ts")];
  expect(found.length).toBeGreaterThan(30);
  expect(found.filter((path) => SERVICES.test(readFileSync(join(ROOT, path), "utf8")))).toEqual([]);
});

test("every integration test is in a subfolder of tests/integration, named after its noun", () => {
  expect(files("tests/integration/*.ts")).toEqual([]);
});
