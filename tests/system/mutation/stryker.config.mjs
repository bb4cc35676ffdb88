// Configuration of Stryker for one group of code: each mutant runs only against the tests of its group. `npm run long -- mutation`
// runs the groups one after another and adds up their results (main.ts).
import { fileURLToPath } from "node:url";
import { GROUPS, isQuick } from "./groups.ts";
import { mutatePatterns } from "./symbols.ts";

const name = process.env.MUTATION_GROUP ?? "tokens";
const group = GROUPS[name];
if (!group) throw new Error(`MUTATION_GROUP must be one of ${Object.keys(GROUPS).join(", ")}`);

export default {
  // The runner in runner.mjs, which wraps the runner of @stryker-mutator/vitest-runner.
  testRunner: "vitest",
  plugins: [fileURLToPath(new URL("runner.mjs", import.meta.url))],
  ignorers: ["texts"],
  vitest: { configFile: "tests/system/mutation/vitest.config.ts" },
  mutate: mutatePatterns(group.symbols),
  tempDirName: `.local/stryker-${name}`,
  coverageAnalysis: "perTest",
  // Time limit of a mutant, which an endless loop uses up; tests in packages/ need no database and finish within a
  // second.
  timeoutMS: isQuick(group) ? 5_000 : 30_000,
  reporters: ["clear-text", "json", "progress-append-only"],
  clearTextReporter: { allowColor: false, reportTests: false, logTests: false, reportScoreTable: false },
  jsonReporter: { fileName: `.local/mutation-${name}.json` },
  ignorePatterns: [".sst", ".local", "infra", "docs", "packages/client", "tsconfig.json"],
  disableTypeChecks: false,
  // Code that runs on loading needs a new thread for each mutant, which is fast enough only for tests in packages/.
  ignoreStatic: !isQuick(group),
};
