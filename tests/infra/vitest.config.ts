import { defineConfig } from "vitest/config";

/** The infrastructure alone, without the embedded stack: `npm run test:infra`. */
export default defineConfig({
  test: {
    include: ["tests/infra/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
});
