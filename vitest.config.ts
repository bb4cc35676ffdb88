import { defineConfig } from "vitest/config";

const ENOUGH = { lines: 90, branches: 90 };
/** One PostgreSQL for all tests of a project. */
const DATABASE = ["tests/harness/global-setup.ts"];

/** The services that a test needs decide its project, which is named after its folder: `npm test -- --project unit`. */
const project = (name: string, include: readonly string[], globalSetup: readonly string[] = [], isolate = true) => ({
  extends: true as const,
  test: { name, include: [...include], globalSetup: [...globalSetup], isolate },
});

export default defineConfig({
  test: {
    projects: [
      project("unit", ["packages/**/*.test.ts", "tests/unit/**/*.test.ts"], [], false),
      project("integration", ["tests/integration/**/*.test.ts"], DATABASE, false),
      project("system", ["tests/system/**/*.test.ts"], DATABASE),
      project("infra", ["tests/infra/**/*.test.ts"], [], false),
    ],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // By default `expect.poll` waits for 1 s, which is too short for a page on a busy host.
    expect: { poll: { timeout: 30_000 } },
    // .ci/run counts the tests in the JSON report.
    reporters: ["default", ["json", { outputFile: ".local/test-report.json" }]],
    // Only with `npm run long -- coverage`.
    coverage: {
      provider: "v8",
      include: ["packages/{core,api}/src/**/*.ts"],
      reportsDirectory: ".local/coverage",
      reporter: ["html", "json", "json-summary"],
      thresholds: { "packages/core/src/**": ENOUGH, "packages/api/src/**": ENOUGH },
    },
  },
});
