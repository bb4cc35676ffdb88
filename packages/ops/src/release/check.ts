import { destructive } from "../migrations/lint.ts";
import { functionOf } from "../stage.ts";
import { ALIAS, type Order } from "./state.ts";
import type { Run, StepWork } from "./world.ts";

const TESTS_SECONDS = 2 * 3600;
const SECRETS = ["JwtKey", "WebhookSecret", "MarkovToken"];

/**
 * Checks the conditions of a release before it changes anything: a clean tree at the commit, green tests, secrets, no
 * loss of stored data, no destructive migration, and no firing alarm that would roll back a canary.
 */
export const check: StepWork = async (run, state) => {
  const { order, world } = run;
  const problems = [
    ...(await treeProblems(run)),
    ...(await secretProblems(run)),
    ...(await migrationProblems(run)),
    ...(await lossProblems(run, state.formerCommit)),
  ];
  const functionName = functionOf(order.stage, "api");
  const alias = await world.traffic.aliasOf(functionName, ALIAS);
  if (alias) {
    const ringing = await world.traffic.ringingAlarms(functionName, ALIAS);
    for (const name of ringing)
      problems.push(`the alarm ${name} rings: a canary would go back at once (docs/runbooks)`);
  }
  if (problems.length === 0) problems.push(...(await testProblems(run)));
  if (problems.length > 0) throw new Error(problems.join("; "));
  return { ...state, hasCanary: alias !== undefined, ...(alias ? { former: alias.version } : {}) };
};

async function treeProblems({ order, world }: Run): Promise<string[]> {
  const status = await world.shell.run(["git", "status", "--porcelain"]);
  const head = await world.shell.run(["git", "rev-parse", "HEAD"]);
  if (status.code !== 0 || head.code !== 0) return ["this is no checkout of git"];
  return [
    ...(status.out.trim() === "" ? [] : ["the tree has changes that are not committed"]),
    ...(head.out.trim() === order.commit ? [] : [`the tree is at ${head.out.trim()}, not at ${order.commit}`]),
  ];
}

async function secretProblems({ order, world }: Run): Promise<string[]> {
  const { out, code, err } = await world.shell.run(["npx", "sst", "secret", "list", "--stage", order.stage]);
  if (code !== 0) return [`npx sst secret list ended with ${code}: ${err.trim()}`];
  return SECRETS.filter((name) => !new RegExp(`^${name}=.`, "m").test(out)).map(
    (name) => `the secret ${name} is not set: npx sst secret set ${name} … --stage ${order.stage}`,
  );
}

/**
 * Returns the problems of migrations. The old version of the code must work on the new schema; a destructive migration
 * waits until no code needs the removed parts of the schema.
 */
async function migrationProblems({ order, world }: Run): Promise<string[]> {
  if (order.contracts) return [];
  const applied = new Set(await world.journal.appliedMigrations());
  const pending = [...(await world.migrations())].filter(([name]) => !applied.has(name));
  return pending.flatMap(([name, sql]) =>
    destructive(sql).map(
      (found) => `${name} is destructive (${found}): release it with --contract, after no code needs it`,
    ),
  );
}

/** Returns the evaluated stage that represents the kind of a stage. */
export function kindOf(stage: string): string {
  if (["production", "staging", "dev"].includes(stage)) return stage;
  if (stage.startsWith("tenant-")) return "tenant-bandung";
  return stage.startsWith("pr-") ? "pr-1" : "wulan";
}

async function lossProblems({ order, world, progress }: Run, former: string | undefined): Promise<string[]> {
  if (former === undefined) {
    progress("no release is recorded: its resources are compared with nothing");
    return [];
  }
  const { code, out, err } = await world.shell.run([
    "npm",
    "run",
    "--silent",
    "infra",
    "--",
    "diff",
    former,
    "--stage",
    kindOf(order.stage),
    "--fail-on-loss",
  ]);
  progress(out.trimEnd());
  if (code === 0 || (code === 2 && order.acceptsLoss)) return [];
  return [
    code === 2
      ? `a stateful resource would be replaced or deleted since ${former}: look at the comparison, then --accept-loss`
      : `the comparison with ${former} ended with ${code}: ${err.trim()}`,
  ];
}

async function testProblems({ order, world }: Run): Promise<string[]> {
  if (order.isTested) return [];
  const { code } = await world.shell.run(["npm", "test"], {}, { isShown: true, seconds: TESTS_SECONDS });
  return code === 0 ? [] : ["the tests fail"];
}

/** Formats the version and stage of a release for messages. */
export const titleOf = ({ version, stage }: Order) => `${version} on ${stage}`;
