// `npm run long -- mutation [--concurrency N] [<group> …]`: the mutation score of the code that decides about sessions, limits and
// permissions. The tests of each group must detect 85 % of its mutants.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { GROUPS } from "./groups.ts";

const STRYKER = "node_modules/@stryker-mutator/core/bin/stryker.js";
const CONFIG = "tests/system/mutation/stryker.config.mjs";
const MINIMUM_PERCENT = 85;
const NOT_COUNTED = ["Ignored", "CompileError", "RuntimeError"];
const DETECTED = ["Killed", "Timeout"];
const Report = v.object({
  files: v.record(v.string(), v.object({ mutants: v.array(v.object({ status: v.string() })) })),
});

interface Score {
  readonly detected: number;
  readonly mutants: number;
}

const percent = ({ detected, mutants }: Score) => ((100 * detected) / mutants).toFixed(1);
const isEnough = ({ detected, mutants }: Score) => mutants > 0 && 100 * detected >= MINIMUM_PERCENT * mutants;

/** Runs Stryker on one group. Exits when Stryker fails. */
function scoreOf(group: string, concurrency: string): Score {
  const falseKills = resolve(`.local/mutation-${group}-false-kills.txt`);
  mkdirSync(dirname(falseKills), { recursive: true });
  writeFileSync(falseKills, "");
  const { status } = spawnSync(process.execPath, [STRYKER, "run", CONFIG, "--concurrency", concurrency], {
    stdio: "inherit",
    env: { ...process.env, MUTATION_GROUP: group, MUTATION_FALSE_KILLS: falseKills },
  });
  if (status !== 0) process.exit(status ?? 1);
  const { files } = v.parse(Report, JSON.parse(readFileSync(`.local/mutation-${group}.json`, "utf8")));
  const counted = Object.values(files).flatMap(({ mutants }) =>
    mutants.filter((mutant) => !NOT_COUNTED.includes(mutant.status)),
  );
  const wrong = readFileSync(falseKills, "utf8").split("\n").filter(Boolean).length;
  return {
    detected: counted.filter((mutant) => DETECTED.includes(mutant.status)).length - wrong,
    mutants: counted.length,
  };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { concurrency: { type: "string", default: "2" } },
});
const groups = positionals.length > 0 ? positionals : Object.keys(GROUPS);
const scores = groups.map((group) => ({ group, ...scoreOf(group, values.concurrency) }));
const total = {
  detected: scores.reduce((sum, { detected }) => sum + detected, 0),
  mutants: scores.reduce((sum, { mutants }) => sum + mutants, 0),
};
for (const score of scores)
  process.stdout.write(
    `${score.group}: ${score.detected} of ${score.mutants} mutants detected (${percent(score)} %)\n`,
  );
process.stdout.write(
  `total: ${total.detected} of ${total.mutants} (${percent(total)} %); each group needs ${MINIMUM_PERCENT} %\n`,
);
process.exitCode = scores.every(isEnough) ? 0 : 1;
