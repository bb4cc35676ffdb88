// `npm run test:mutation [-- <group> …]`: the mutation score of the code that decides who may do what. 80 % of all mutants must be noticed.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { GROUPS } from "../tests/mutation/groups.mjs";

const LEAST_PERCENT = 80;
const names = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(GROUPS);
const total = { noticed: 0, all: 0 };
const lines = [];
for (const name of names) {
  const { status } = spawnSync(process.execPath, ["node_modules/@stryker-mutator/core/bin/stryker.js", "run"], {
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
  lines.push(`${name}: ${own.noticed} of ${own.all} mutants noticed (${percent(own)} %)`);
}
process.stdout.write(
  `${lines.join("\n")}\nin all: ${total.noticed} of ${total.all} (${percent(total)} %), at least ${LEAST_PERCENT} % asked\n`,
);
process.exitCode = total.all > 0 && 100 * total.noticed >= LEAST_PERCENT * total.all ? 0 : 1;

function percent({ noticed, all }) {
  return ((100 * noticed) / all).toFixed(1);
}
