// The code that decides who may do what, in groups: each mutant runs against the tests that are about it, not against all of them.
// `npm run long -- mutation` runs them one after another and adds up (main.ts).
import { fileURLToPath } from "node:url";
import { GROUPS, isQuick } from "./groups.ts";
import { mutatePatterns } from "./symbols.ts";

const name = process.env.MUTATION_GROUP ?? "tokens";
const group = GROUPS[name];
if (!group) throw new Error(`MUTATION_GROUP must be one of ${Object.keys(GROUPS).join(", ")}`);

export default {
  // In runner.mjs, around that of @stryker-mutator/vitest-runner.
  testRunner: "vitest",
  plugins: [fileURLToPath(new URL("runner.mjs", import.meta.url))],
  ignorers: ["texts"],
  vitest: { configFile: "tests/system/mutation/vitest.config.ts" },
  mutate: mutatePatterns(group.symbols),
  tempDirName: `.local/stryker-${name}`,
  coverageAnalysis: "perTest",
  // A mutant that never ends costs all of it; tests beside the code need no database and end within a second.
  timeoutMS: isQuick(group) ? 5_000 : 30_000,
  reporters: ["clear-text", "json", "progress-append-only"],
  clearTextReporter: { allowColor: false, reportTests: false, logTests: false, reportScoreTable: false },
  jsonReporter: { fileName: `.local/mutation-${name}.json` },
  ignorePatterns: [".sst", ".local", "infra", "docs", "packages/client", "tsconfig.json"],
  disableTypeChecks: false,
  // What a module evaluates when it is loaded needs a thread for each mutant, which is quick for tests beside the code only.
  ignoreStatic: !isQuick(group),
};
