import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { expect, test } from "vitest";
import { EXEMPT, unguarded } from "./outside-calls.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** The packages that run in production. The development stack and the client have no database pool. */
const PACKAGES = ["api", "core", "ops", "workers"];

const sources = PACKAGES.flatMap((name) =>
  readdirSync(join(ROOT, "packages", name, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/")),
);

test("code that uses the network, waits or hashes passwords first checks that no database connection is in use", () => {
  expect(sources).toContain("packages/core/src/platform/storage/client.ts");
  expect(sources.flatMap((path) => unguarded(path, readFileSync(join(ROOT, path), "utf8")))).toEqual([]);
});

test("every file exempted from the check of outside calls exists", () => {
  expect(Object.keys(EXEMPT).filter((path) => !sources.includes(path))).toEqual([]);
});

test.each([
  'import { request } from "node:https";',
  'const { request } = process.getBuiltinModule("node:https");',
  'import { setTimeout as sleep } from "node:timers/promises";',
  'import { argon2 } from "node:crypto";',
  'const sdk = () => import("@aws-sdk/client-s3");',
  "export const ask = () => fetch(url);",
])("%s is reported as an unguarded outside call, unless the file has the guard", (source) => {
  expect(unguarded("packages/core/src/a.ts", source)).toHaveLength(1);
  expect(unguarded("packages/core/src/a.ts", `${source}\nassertNoConnectionInUse("http");`)).toEqual([]);
});

test("type imports and fast functions of node:crypto are not reported as outside calls", () => {
  const source = 'import type { Redis } from "ioredis"; import { createHash } from "node:crypto"; app.fetch(request);';
  expect(unguarded("packages/core/src/a.ts", source)).toEqual([]);
});
