import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lazy } from "@gotong/core/platform/lazy.ts";

const PACKAGES = join(import.meta.dirname, "..", "..", "..", "packages");
const SOURCES = ["api/src", "core/src"].flatMap((folder) =>
  readdirSync(join(PACKAGES, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => `${folder}/${file}`),
);

/** Files with an `await import()` that runs only once, since they store the connection, client or routes that it creates. */
const KEPT_BY_THE_CALLER = [
  "api/src/routes/index.ts",
  "core/src/domain/evidence/examiner/heic-pixels.ts", // runs once, in a process of its own
  "core/src/domain/evidence/examiner/run.ts",
  "core/src/platform/cache/redis.ts",
  "core/src/platform/db/database.ts",
  "core/src/platform/db/pool.ts",
  "core/src/platform/db/probe.ts",
  "core/src/platform/db/tls.ts",
  "core/src/platform/lambda-client.ts",
];

test("code that runs at each request uses lazy() instead of import(), which Node resolves each time", () => {
  const importing = SOURCES.filter((file) => /await import\(/.test(readFileSync(join(PACKAGES, file), "utf8")));
  expect(importing.toSorted()).toEqual(KEPT_BY_THE_CALLER);
});

test("lazy() loads a module once, at the first call, and retries after a failure", async () => {
  let loads = 0;
  const load = lazy(() => {
    loads += 1;
    return loads === 1 ? Promise.reject(new Error("no such file")) : Promise.resolve({ loads });
  });
  expect(loads).toBe(0);
  await expect(load()).rejects.toThrow("no such file");
  expect(await Promise.all([load(), load()])).toEqual([{ loads: 2 }, { loads: 2 }]);
});
