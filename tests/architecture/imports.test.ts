import { expect, test } from "vitest";
import { sources, violations } from "./imports.ts";

test("imports run one way, settings are read in one place, tables stay in core, no file is over 400 lines", () => {
  const files = sources();
  expect(files.size).toBeGreaterThan(80);
  expect([...files].flatMap(([path, text]) => violations(path, text))).toEqual([]);
});

test.each([
  ["packages/core/src/a.ts", 'import { x } from "@gotong/api/app.ts";'],
  ["packages/core/src/a.ts", 'const x = await import("@gotong/local/aws.ts");'],
  ["packages/api/src/a.ts", 'export * from "@gotong/workers/pod.ts";'],
  ["packages/api/src/a.ts", 'import { users } from "@gotong/core/user/user.sql.ts";'],
  ["packages/ops/src/a.ts", 'import { x } from "../../api/src/app.ts";'],
  ["packages/api/src/a.ts", 'const port = process.env["PORT"];'],
  ["packages/core/src/db/index.ts", 'import { Resource } from "sst/resource";'],
  ["packages/core/src/a.ts", "\n".repeat(400)],
])("the check sees a violation in %s: %s", (path, text) => {
  expect(violations(path, text)).toHaveLength(1);
});

test("the check lets what is allowed pass", () => {
  expect(violations("packages/local/src/a.ts", 'import { x } from "@gotong/api/app.ts";')).toEqual([]);
  expect(violations("packages/core/src/config.ts", 'import { Resource } from "sst/resource"; process.env;')).toEqual(
    [],
  );
});
