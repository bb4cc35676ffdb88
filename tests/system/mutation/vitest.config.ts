import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { GROUPS } from "./groups.ts";

const packages = join(import.meta.dirname, "..", "..", "..", "packages");

export default defineConfig({
  // The packages of the copy that is mutated, not those that node_modules links to.
  resolve: { alias: [{ find: /^@gotong\/(\w+)\//, replacement: `${packages}/$1/src/` }] },
  test: {
    include: [...(GROUPS[process.env["MUTATION_GROUP"] ?? ""]?.tests ?? [])],
    setupFiles: ["tests/system/mutation/preload.ts"],
    globalSetup: ["tests/harness/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
