// `npm run test:mutation [-- [--concurrency N] <group> …]`: the mutation score of the code that decides about sessions, limits and
// permissions. The tests of each group must notice 85 % of its mutants.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { GROUPS } from "../tests/system/mutation/groups.ts";

const LEAST_PERCENT = 85;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { concurrency: { type: "string", default: "2" } },
});
const names = positionals.length > 0 ? positionals : Object.keys(GROUPS);
const total = { noticed: 0, all: 0 };
const lines = [];
let isEnough = true;
for (const name of names) {
  const args = ["node_modules/@stryker-mutator/core/bin/stryker.js", "run", "--concurrency", values.concurrency];
  const { status } = spawnSync(process.execPath, args, {
    stdio: "inherit",
    env: { ...process.env, MUTATION_GROUP: name },
  });
  if (status !== 0) process.exit(status ?? 1);
  const { files } = JSON.parse(readFileSync(`.local/mutation-${name}.json`, "utf8"));
  const own = { noticed: 0, all: 0 };
  for (const { mutants } of Object.values(files))
    for (const mutant of mutants) {
      if (["Ignored", "CompileError", "RuntimeError"].includes(mutant.status)) continue;
      own.all += 1;
      if (["Killed", "Timeout"].includes(mutant.status)) own.noticed += 1;
    }
  total.noticed += own.noticed;
  total.all += own.all;
  isEnough &&= own.all > 0 && 100 * own.noticed >= LEAST_PERCENT * own.all;
  lines.push(`${name}: ${own.noticed} of ${own.all} mutants noticed (${percent(own)} %)`);
}
process.stdout.write(
  `${lines.join("\n")}\nin all: ${total.noticed} of ${total.all} (${percent(total)} %), at least ${LEAST_PERCENT} % asked of each group\n`,
);
process.exitCode = isEnough ? 0 : 1;

function percent({ noticed, all }) {
  return ((100 * noticed) / all).toFixed(1);
}
