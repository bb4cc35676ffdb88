import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { expect, test } from "vitest";
import { violations } from "./rules.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** The path of every source file, relative to the root. */
function sources(): string[] {
  const inFolders = ["packages", "tests", "infra", "scripts", "bench"].flatMap((folder) =>
    listing(folder)
      .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name) && !entry.parentPath.includes("node_modules"))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/")),
  );
  return [...inFolders, ...listing(".", false).flatMap(({ name }) => (name.endsWith(".ts") ? name : []))];
}

function listing(folder: string, recursive = true) {
  try {
    return readdirSync(join(ROOT, folder), { recursive, withFileTypes: true });
  } catch {
    return []; // the folder does not exist yet
  }
}

test("no file breaks an architecture rule", () => {
  const paths = sources();
  expect(paths).toContain("packages/core/src/platform/config.ts");
  expect(paths).toContain("scripts/bootstrap/run.mjs");
  expect(paths.flatMap((path) => violations(path, readFileSync(join(ROOT, path), "utf8")))).toEqual([]);
});

const BROKEN: readonly (readonly [rule: string, path: string, source: string])[] = [
  ["core imports no other package", "packages/core/src/a.ts", 'import { x } from "@gotong/api/app.ts";'],
  [
    "core imports no types of other packages",
    "packages/core/src/a.ts",
    'import type { X } from "@gotong/workers/batch.ts";',
  ],
  [
    "core imports no types of other packages inline",
    "packages/core/src/a.ts",
    'type X = import("@gotong/ops/a.ts").X;',
  ],
  [
    "core imports no other package lazily",
    "packages/core/src/a.ts",
    'export const x = () => import("@gotong/local/aws.ts");',
  ],
  ["api imports core only", "packages/api/src/a.ts", 'export * from "@gotong/workers/pod.ts";'],
  ["workers import core only", "packages/workers/src/a.ts", 'export { x } from "@gotong/api/app.ts";'],
  ["ops imports core only", "packages/ops/src/a.ts", 'import "@gotong/local/aws.ts";'],
  ["no relative path leads into another package", "packages/ops/src/a.ts", 'import { x } from "../../api/src/app.ts";'],
  ["tables stay in core", "packages/local/src/a.ts", 'import { users } from "@gotong/core/domain/user/user.sql.ts";'],
  ["core imports no HTTP framework", "packages/core/src/a.ts", 'import type { Context } from "hono";'],
  ["api imports no SQL library", "packages/api/src/routes/a.ts", 'import { eq } from "drizzle-orm";'],
  ["the environment is read only in the configuration", "packages/api/src/a.ts", 'const port = process.env["PORT"];'],
  [
    "the environment is not read through globalThis",
    "packages/api/src/a.ts",
    'const port = globalThis.process["env"].PORT;',
  ],
  ["the environment is not read by destructuring process", "packages/workers/src/a.ts", "const { env } = process;"],
  [
    "the environment is not read by importing node:process",
    "packages/core/src/a.ts",
    'import { env } from "node:process";',
  ],
  [
    "links are read only in the configuration",
    "packages/core/src/platform/db/database.ts",
    'import { Resource } from "sst/resource";',
  ],
  ["infra names handlers as strings", "infra/api.ts", 'import { handler } from "../packages/api/src/lambda.ts";'],
  ["infra imports no package of ours", "sst.config.ts", 'import { createApp } from "@gotong/api/app.ts";'],
  [
    "only the OpenAPI document loads response schemas",
    "packages/core/src/domain/task/task.ts",
    'import { Info } from "./schema.ts";',
  ],
  [
    "only the OpenAPI document loads response schemas lazily",
    "packages/api/src/a.ts",
    'import("@gotong/core/domain/task/schema.ts");',
  ],
  [
    "only the OpenAPI document loads the descriptions of routes",
    "packages/api/src/a.ts",
    'export { DOCS } from "./routes/tasks.docs.ts";',
  ],
  ["tools import no tests", "scripts/lint.mjs", 'import { x } from "../tests/harness/a.ts";'],
  ["infra imports no tests", "infra/evaluate/a.ts", 'import { x } from "../../tests/harness/a.ts";'],
  ["no file is longer than 400 lines", "tests/a.ts", "f();\n".repeat(401)],
];

test.each(BROKEN)("%s: a file that breaks this rule is reported once", (_rule, path, source) => {
  expect(violations(path, source)).toHaveLength(1);
});

test("allowed code is not reported by the architecture rules, nor a string that looks like an import", () => {
  const allowed: [path: string, source: string][] = [
    ["packages/local/src/a.ts", 'import { x } from "@gotong/api/app.ts"; spawn("x", { env: process.env });'],
    [
      "packages/core/src/platform/config.ts",
      'import { Resource } from "sst/resource"; export const x = process.env["X"];',
    ],
    [
      "packages/core/src/domain/user/user.ts",
      'import { users } from "./user.sql.ts"; import { Db } from "../db/index.ts";',
    ],
    [
      "packages/core/src/a.ts",
      '// import { x } from "@gotong/api/app.ts"\nconst s = "process.env"; const pid = process.pid;',
    ],
    ["infra/queues.ts", 'import { factsOf } from "../packages/core/src/platform/queue/queues.ts";'],
    ["infra/api.ts", 'import { stages } from "./stages.ts"; const handler = "packages/api/src/lambda.handler";'],
    ["tests/a.ts", "f();\n".repeat(400)],
    ["packages/core/src/domain/task/task.ts", 'import type { Info } from "./schema.ts"; export type { Info };'],
    ["packages/api/src/openapi/a.ts", 'import * as Task from "@gotong/core/domain/task/schema.ts";'],
  ];
  expect(allowed.flatMap(([path, source]) => violations(path, source))).toEqual([]);
});
