import { defineConfig } from "vitest/config";

const ENOUGH = { lines: 90, branches: 90 };

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "tests/**/*.test.ts"],
    globalSetup: ["tests/harness/global-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // Counts for whoever reads them by program: see .ci/run.
    reporters: ["default", ["json", { outputFile: ".local/test-report.json" }]],
    // Only with `npm run test:coverage`.
    coverage: {
      provider: "v8",
      include: ["packages/{core,api}/src/**/*.ts"],
      reportsDirectory: ".local/coverage",
      reporter: ["html", "json", "json-summary"],
      thresholds: { "packages/core/src/**": ENOUGH, "packages/api/src/**": ENOUGH },
    },
  },
});
