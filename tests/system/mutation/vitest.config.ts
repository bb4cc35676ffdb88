import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { GROUPS } from "./groups.ts";

const packages = join(import.meta.dirname, "..", "..", "..", "packages");

const tests = GROUPS[process.env["MUTATION_GROUP"] ?? ""]?.tests ?? [];

/**
 * Runs test files in the order of the group, those in packages/ first, since the first failure ends the run of a
 * mutant.
 */
class InOrderOfGroup extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => tests.findIndex((test) => moduleId.endsWith(test));
    return files.toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  // Resolves packages to the mutated copy instead of those that node_modules links to.
  resolve: { alias: [{ find: /^@gotong\/(\w+)\//, replacement: `${packages}/$1/src/` }] },
  test: {
    include: [...tests],
    sequence: { sequencer: InOrderOfGroup },
    setupFiles: ["tests/system/mutation/preload.ts"],
    globalSetup: ["tests/harness/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
