import { judge, problemsOf } from "../policy/check.ts";
import { evaluateAll } from "../evaluate/evaluations.ts";
import { hasCheckov, runCheckov } from "./checkov.ts";
import { SKIPPED, WAIVERS } from "./waivers.ts";

// `npm run infra -- checkov` runs checkov's rules for single AWS resources over these stages, which together have
// every type of resource.
const STAGES = [
  "production with a domain, warm",
  "production, small",
  "staging",
  "dev",
  "wulan",
  "pr-1",
  "tenant-bandung",
  "tenant-bandung with Valkey Serverless",
  "staging with EKS and API pods",
];

if (hasCheckov()) process.exitCode = await main();
else process.stdout.write("skipped: there is no checkov here; the resources are checked by our own rules alone\n");

/** Runs the command. @returns the exit code */
async function main(): Promise<number> {
  const stages = (await evaluateAll()).filter(({ variant }) => STAGES.includes(variant.id));
  const verdicts = runCheckov(Object.fromEntries(stages.map(({ variant, resources }) => [variant.id, resources])));
  const failed = verdicts.filter(({ passes }) => !passes);
  const findings = failed
    .filter(({ check }) => !Object.hasOwn(SKIPPED, check))
    .map(({ check: rule, says: message, plan: stage, resource }) => ({ rule, message, stage, resource, type: "" }));
  const rules = [...new Set(verdicts.map(({ check: id }) => id))].map((id) => ({ id }));
  const { open, waived } = judge(findings, WAIVERS, new Date());
  const problems = [
    ...open.map(({ rule, stage, resource, message }) => `${rule} ${stage} ${resource}: ${message}`),
    ...problemsOf(WAIVERS, findings, rules, new Date()),
    ...Object.keys(SKIPPED)
      .filter((check) => !failed.some((one) => one.check === check))
      .map((check) => `${check} is skipped and fails nowhere: take it from the list`),
  ];
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.stdout.write(
    `${rules.length} rules of checkov, ${Object.keys(SKIPPED).length} of them skipped; ${stages.length} stages, ` +
      `${verdicts.length - failed.length} checks pass, ${waived.length} are waived, ${open.length} fail\n`,
  );
  return problems.length > 0 ? 1 : 0;
}
