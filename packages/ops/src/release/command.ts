import { hostname, userInfo } from "node:os";
import * as v from "valibot";
import type { Release } from "@gotong/core/platform/release/index.ts";
import { Characters } from "@gotong/core/platform/characters.ts";
import { type Outcome, type Step, UsageError } from "../outcome.ts";
import { functionOf } from "../stage.ts";
import { bounded } from "./bounded.ts";
import { check } from "./check.ts";
import { type Ended, runToEnd } from "./machine.ts";
import { realWorld } from "./real-world.ts";
import { ALIAS, type Order, type State } from "./state.ts";
import type { Run, World } from "./world.ts";

const flag = v.optional(v.boolean(), false);
const ReleaseOptions = v.object({
  stage: v.optional(v.string()),
  as: v.optional(v.string()),
  tested: flag,
  acceptLoss: flag,
  contract: flag,
  supersede: flag,
  dryRun: flag,
});
const RollbackOptions = v.object({
  stage: v.optional(v.string()),
  to: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,10}$/, "--to must be the number of a version of the API's function")),
  ),
  dryRun: flag,
});

/**
 * `gotong release --stage <name>` runs checks, migrations, deployment, smoke test and canary, then shifts all traffic
 * or rolls back, and records the result. A second run continues where a killed run stopped.
 * @throws UsageError; Error if the stage is locked, or if the rollback fails
 */
export async function release(given: unknown, step: Step, world?: World): Promise<Outcome> {
  const options = v.parse(ReleaseOptions, given);
  const { run, former } = await begun(options, step, world);
  if (options.dryRun) {
    const known = former === undefined ? {} : { formerCommit: former.commit };
    const state = await check(run, known, async () => undefined);
    return plan(run.order, state);
  }
  const lease = run.world.uuid();
  const info = await run.world.journal.begin({
    kind: "release",
    version: run.order.version,
    commit: run.order.commit,
    operator: run.order.operator,
    lease,
    step: "check",
    data: former === undefined ? {} : { formerCommit: former.commit },
    supersedes: options.supersede,
  });
  if (info.step !== "check") step.progress(`continues the release of ${info.version} at its step ${info.step}`);
  return summaryOf(run.order, await runToEnd(run, info, lease));
}

/**
 * `gotong rollback --stage <name>` moves all traffic at once to the version before the last release; without an alias
 * it deploys the former commit. It aborts a running release. If the database does not respond, `--to` still moves
 * traffic.
 */
export async function rollback(given: unknown, step: Step, world?: World): Promise<Outcome> {
  const options = v.parse(RollbackOptions, given);
  const { run } = await begun(options, step, world, true);
  const { order, progress } = run;
  const { journal, traffic } = run.world;
  const functionName = functionOf(order.stage, "api");
  const alias = await traffic.aliasOf(functionName, ALIAS);
  const history = await journal.list().catch((error: unknown) => {
    if (options.to === undefined || !alias) throw error;
    progress(
      `the record does not answer, and traffic moves without it: ${error instanceof Error ? error.message : ""}`,
    );
    return undefined;
  });
  const [last, before] = (history ?? []).filter(({ kind, outcome }) => kind === "release" && outcome !== "failed");
  const former = options.to ?? stringOf(last, "former");
  const formerCommit = stringOf(last, "formerCommit") ?? before?.commit;
  const state: State = {
    hasCanary: alias !== undefined,
    ...(former === undefined ? {} : { former }),
    ...(formerCommit === undefined ? {} : { formerCommit }),
    application: functionName,
    group: ALIAS,
    provisioned: Number(last?.data["provisioned"] ?? 0),
  };
  if (alias !== undefined && former === undefined)
    throw new UsageError("no release is recorded: gotong rollback --to <version of the API's function>");
  if (options.dryRun) {
    const target = alias ? `all traffic from version ${alias.version} to version ${former}` : `deploy ${formerCommit}`;
    return { text: `${target}\nnothing was done\n`, data: { former, formerCommit } };
  }
  const lease = run.world.uuid();
  const input = { version: order.version, commit: order.commit, operator: order.operator, lease };
  const info =
    history === undefined
      ? undefined
      : await journal.begin({ ...input, kind: "rollback", step: "rollback", data: state, supersedes: true });
  if (info) return summaryOf(order, await runToEnd(run, info, lease));
  if (alias && former !== undefined) await traffic.setAlias(functionName, ALIAS, former);
  return { text: `all traffic is on version ${former}, without a record\n`, data: { outcome: "rolled_back", former } };
}

const stringOf = (info: Release.Info | undefined, name: string) => {
  const value = info?.data[name];
  return typeof value === "string" ? value : undefined;
};

interface Asked {
  readonly stage?: string | undefined;
  readonly as?: string | undefined;
  readonly tested?: boolean;
  readonly acceptLoss?: boolean;
  readonly contract?: boolean;
}

async function begun(options: Asked, step: Step, given: World | undefined, isBack = false) {
  const { stage } = options;
  if (stage === undefined) throw new UsageError(`gotong ${isBack ? "rollback" : "release"} --stage <name>`);
  const world = bounded(given ?? (await realWorld(stage)));
  const head = await world.shell.run(["git", "rev-parse", "HEAD"]);
  const commit = head.out.trim();
  if (head.code !== 0 || !/^[0-9a-f]{40,64}$/.test(commit)) throw new Error("this is no checkout of git");
  const order: Order = {
    stage,
    version: options.as ?? Characters.cut(commit, 12),
    commit,
    operator: Characters.cut(`${userInfo().username}@${hostname()}`, 200),
    isTested: options.tested === true,
    acceptsLoss: options.acceptLoss === true,
    contracts: options.contract === true,
  };
  const run: Run = { order, world, progress: step.progress };
  const history = isBack ? [] : await world.journal.list();
  return { run, former: history.find(({ kind, outcome }) => kind === "release" && outcome === "released") };
}

function plan({ stage, version }: Order, { hasCanary }: State): Outcome {
  const steps = [
    "apply the migrations",
    `npx sst deploy --stage ${stage} --policy infra/policy, as version ${version}`,
    hasCanary === true ? "ask the new version, which takes no traffic yet" : "ask the new version",
    ...(hasCanary === true ? ["10 % of the traffic by CodeDeploy, then all of it, or back when an alarm rings"] : []),
    "record the release",
  ];
  return {
    text: `all checks are passed\n${steps.map((line, index) => `${index + 1}. ${line}\n`).join("")}nothing was done\n`,
    data: { steps },
  };
}

function summaryOf({ stage, version }: Order, { id, outcome, state, file }: Ended): Outcome {
  const sentence = {
    released: `${version} is released on ${stage}`,
    rolled_back: `${stage} is back on the former version`,
    failed: `${version} is not released; ${stage} is as before`,
  }[outcome];
  const why = state.failure === undefined ? "" : `: ${state.failure}`;
  return {
    text: `${sentence}${why}\nrecord: ${file}\n`,
    data: { id, outcome, version, failure: state.failure ?? null, state, file },
    isAlarming: state.failure !== undefined,
  };
}
