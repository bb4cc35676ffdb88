import { join } from "node:path";
import { defineConfig } from "vitest/config";

const packages = join(import.meta.dirname, "..", "..", "packages");

/** What looks at accounts, sessions and rights: each mutant runs against these, not against the whole suite. */
export default defineConfig({
  // The packages of the copy that is mutated, not those that node_modules links to.
  resolve: { alias: [{ find: /^@gotong\/(\w+)\//, replacement: `${packages}/$1/src/` }] },
  test: {
    include: [
      "packages/core/src/*.test.ts",
      "packages/api/src/**/*.test.ts",
      "tests/authorisation/*.test.ts",
      "tests/security/*.test.ts",
      "tests/integration/{accounts,admin,me,operators,path,tasks}.test.ts",
    ],
    globalSetup: ["tests/harness/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
