import { parseArgs } from "node:util";
import { evaluateAll } from "../evaluate/evaluations.ts";
import type { Evaluation } from "../evaluate/resource.ts";
import { prepareAct, runAct } from "./act.ts";
import { type Result, applyCalls } from "./apply.ts";
import { faultsOf, gapOf } from "./gaps.ts";
import { ensureMoto, startMoto } from "./moto.ts";
import { PREPARED } from "./prepared.ts";
import { type Order, callsOf } from "./translate.ts";

const USAGE = `npm run infra -- apply                     checks the API calls of every stage, applies four of them to moto, and runs an act there
npm run infra -- apply --all            applies every stage and variant (about 20 s each)
npm run infra -- apply --stage <id>     applies this one alone
`;
/**
 * The variants whose calls are sent to moto, the emulator of AWS. Each covers features that the others lack: three
 * zones and the canary; pods; a NAT instance and a bastion; IPv6. The scenario of `runAct` runs on the last variant.
 */
const APPLIED = ["production", "staging with EKS and API pods", "dev", "tenant-bandung"];
/**
 * The variant that is created a second time with the opposite order of independent resources, since Pulumi creates them
 * in any order.
 */
const TWICE = "tenant-bandung";
const SHOWN = 30;

const { values } = parseArgs({
  options: { all: { type: "boolean", default: false }, stage: { type: "string" }, help: { type: "boolean" } },
});
try {
  if (values.help) process.stdout.write(USAGE);
  else process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** Runs the command. @returns the exit code; 0, with a message, if Python is missing */
async function main(): Promise<number> {
  const missing = await ensureMoto();
  if (missing !== undefined) {
    process.stdout.write(`skipped: ${missing}\n`);
    return 0;
  }
  const all = (await evaluateAll()).filter(({ variant }) => !variant.isDev);
  const faults = [...(await checkAll(all)), ...(await apply(all))];
  for (const fault of faults.slice(0, SHOWN)) process.stdout.write(`FAULT ${fault}\n`);
  if (faults.length > SHOWN) process.stdout.write(`and ${faults.length - SHOWN} more\n`);
  return faults.length > 0 ? 1 : 0;
}

function prepare(evaluation: Evaluation, order?: Order) {
  return [...PREPARED, ...callsOf(evaluation, order)];
}

/** Checks every call of every variant against the models, without sending any. */
async function checkAll(all: readonly Evaluation[]): Promise<string[]> {
  const results = (await applyCalls(all.map((each) => prepare(each)))).flat();
  process.stdout.write(
    `${results.length} calls of ${all.length} stages and variants were checked against AWS's models\n`,
  );
  return results.flatMap(({ id, status, message }) => (status === "invalid" ? [`${id}: ${message ?? ""}`] : []));
}

async function apply(all: readonly Evaluation[]): Promise<string[]> {
  const ids =
    values.stage === undefined ? (values.all ? all.map(({ variant }) => variant.id) : APPLIED) : [values.stage];
  const chosen = all.filter(({ variant }) => ids.includes(variant.id));
  if (chosen.length === 0) throw new Error(`--stage must be one of ${all.map(({ variant }) => variant.id).join(", ")}`);
  const runs: (readonly [evaluation: Evaluation, order: Order])[] = chosen.map((each) => [each, "first"]);
  const twice = chosen.find(({ variant }) => variant.id === TWICE);
  if (twice) runs.unshift([twice, "last"]);
  const served = twice ?? chosen.at(-1);
  const moto = await startMoto();
  try {
    const faults: string[] = [];
    const ordered = runs.toSorted(([a], [b]) => Number(a === served) - Number(b === served));
    const results = await applyCalls(
      ordered.map(([evaluation, order], index) => [
        ...prepare(evaluation, order),
        ...(index === ordered.length - 1 ? prepareAct(evaluation) : []),
      ]),
      moto.endpoint,
    );
    for (const [index, [{ variant }, order]] of ordered.entries()) {
      const own = results[index] ?? [];
      process.stdout.write(summary(`${variant.id}${order === "last" ? ", in the other order" : ""}`, own));
      faults.push(...faultsOf(own).map((fault) => `${variant.id}: ${fault}`));
    }
    if (served && faults.length === 0) await runAct(served, results.at(-1) ?? [], moto.endpoint);
    return faults;
  } finally {
    await moto.stop();
  }
}

/** Summarises the numbers of applied resources and calls, and of the calls that were not sent, by reason. */
function summary(title: string, results: readonly Result[]): string {
  const resourceOf = ({ id }: Result) => id.split(" ").slice(0, 2).join(" ");
  const sent = results.filter(({ id, status }) => status !== "checked" && !id.startsWith("("));
  const failed = sent.filter(({ status }) => status !== "applied");
  const resources = new Set(sent.map(resourceOf));
  const incomplete = new Set(failed.map(resourceOf));
  const reasons = Object.groupBy(failed, (result) => gapOf(result) ?? "unexpected");
  return [
    `${title}: ${resources.size - incomplete.size} of ${resources.size} resources applied, ${sent.length - failed.length} of ${sent.length} calls`,
    ...Object.entries(reasons).map(([reason, some = []]) => `  ${some.length} not: ${reason}`),
    "",
  ].join("\n");
}
