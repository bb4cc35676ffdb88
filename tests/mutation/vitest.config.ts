import { defineConfig } from "vitest/config";

/** What looks at accounts, sessions and rights: each mutant runs against these, not against the whole suite. */
export default defineConfig({
  test: {
    include: [
      "packages/core/src/*.test.ts",
      "packages/api/src/**/*.test.ts",
      "tests/authorisation/*.test.ts",
      "tests/security/*.test.ts",
      "tests/integration/{accounts,admin,me,path,tasks}.test.ts",
    ],
    globalSetup: ["tests/harness/global-setup.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
