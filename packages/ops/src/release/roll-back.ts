import { functionOf } from "../stage.ts";
import { aliasOf, isAt, keepWarm, stopped } from "./canary.ts";
import { smokeOf } from "./probe.ts";
import { ALIAS, type State } from "./state.ts";
import type { Run, StepWork } from "./world.ts";

/**
 * Rolls back to the former version. With an alias its traffic moves at once, and the deployed resources stay; without
 * an alias the former commit is deployed.
 * @throws Error when the former version is unknown or does not respond
 */
export const rollBack: StepWork = async (run, state) => {
  if (state.hasCanary === true) await moveBack(run, state);
  else await redeploy(run, state);
  return { ...state, isBack: true };
};

async function moveBack(run: Run, state: State): Promise<void> {
  const { order, world, progress } = run;
  const { former, application, group } = state;
  const functionName = functionOf(order.stage, "api");
  if (former === undefined)
    throw new Error("the former version of the API is not known: gotong rollback --to <version>");
  if (application !== undefined && group !== undefined) {
    const running = await world.traffic.runningShifts(application, group);
    for (const id of running) await stopped(world.traffic, id);
  }
  if (!isAt(await aliasOf(run), former)) {
    await world.traffic.removeProvisioned(functionName, ALIAS);
    await world.traffic.setAlias(functionName, ALIAS, former);
  }
  await keepWarm(world.traffic, functionName, state);
  const problems = await smokeOf(world.traffic, functionName, ALIAS, undefined);
  if (problems.length > 0) throw new Error(`the former version ${former} does not answer: ${problems.join("; ")}`);
  progress(
    `all traffic is on version ${former}; workers and secrets are those of ${order.version}: deploy the former commit${
      state.formerCommit === undefined ? "" : ` ${state.formerCommit}`
    } next`,
  );
}

const INSTALL_SECONDS = 900;
const DEPLOY_SECONDS = 3600;

async function redeploy({ order, world }: Run, { formerCommit }: State): Promise<void> {
  if (formerCommit === undefined)
    throw new Error("no former release is recorded: deploy the commit that worked by hand (docs/deploy.md)");
  const folder = `.local/rollback/${formerCommit}`;
  const run = async (program: readonly [string, ...string[]], seconds: number, isInside: boolean) => {
    const { code, err } = await world.shell.run(
      program,
      { GOTONG_VERSION: formerCommit },
      { seconds, isShown: isInside, ...(isInside ? { folder } : {}) },
    );
    if (code !== 0) throw new Error(`"${program.join(" ")}" ended with ${code}: ${err.trim()}`);
  };
  await run(["git", "worktree", "prune"], INSTALL_SECONDS, false);
  const made = await world.shell.run(["git", "worktree", "add", "--force", "--detach", folder, formerCommit]);
  // The checkout exists already if an earlier process created it.
  if (made.code !== 0) await run(["git", "-C", folder, "checkout", "--detach", formerCommit], INSTALL_SECONDS, false);
  await run(["npm", "ci"], INSTALL_SECONDS, true);
  await run(["npx", "sst", "deploy", "--stage", order.stage], DEPLOY_SECONDS, true);
  const problems = await smokeOf(world.traffic, functionOf(order.stage, "api"), undefined, undefined);
  if (problems.length > 0) throw new Error(`the former version does not answer: ${problems.join("; ")}`);
}
