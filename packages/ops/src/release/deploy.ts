import * as v from "valibot";
import { functionOf } from "../stage.ts";
import { smokeOf } from "./probe.ts";
import { Outputs, type State } from "./state.ts";
import type { Run, StepWork } from "./world.ts";

const DEPLOY_SECONDS = 3600;

/**
 * Deploys only the function that applies migrations, then invokes it, so that the code that needs the new schema is
 * deployed afterwards. Applying the migrations again changes nothing.
 */
export const migrate: StepWork = async (run, state) => {
  await sst(run, state, ["--target", "Migrate"]);
  const applied = await run.world.migrate();
  run.progress(applied.length > 0 ? `applied ${applied.join(", ")}` : "nothing to apply");
  return { ...state, migrations: [...new Set([...(state.migrations ?? []), ...applied])] };
};

/** Deploys the whole stage. If the API has an alias, the new version gets no traffic yet. */
export const deploy: StepWork = async (run, state) => {
  await sst(run, state, ["--policy", "infra/policy"]);
  const outputs = v.parse(Outputs, await run.world.outputs());
  const { targetVersion, canary, deployApplication, deployGroup, provisionedConcurrency } = outputs;
  if (state.hasCanary !== true) return state;
  if (
    targetVersion === undefined ||
    canary === undefined ||
    deployApplication === undefined ||
    deployGroup === undefined
  )
    throw new Error("the deployment printed neither the API's new version nor its canary (.sst/outputs.json)");
  return {
    ...state,
    target: targetVersion,
    provisioned: provisionedConcurrency,
    canaryMinutes: canary.minutes,
    requestsPerMinute: canary.requestsPerMinute,
    application: deployApplication,
    group: deployGroup,
  };
};

/**
 * Sends requests to the new version directly, before it gets any traffic; without an alias, to the version that
 * already has the traffic.
 */
export const smoke: StepWork = async ({ order, world }, state) => {
  const problems = await smokeOf(world.traffic, functionOf(order.stage, "api"), state.target, order.version);
  if (problems.length > 0) throw new Error(problems.join("; "));
  return state;
};

/** Runs `sst deploy`. @throws Error with a remedy when it fails */
async function sst({ order, world }: Run, state: State, flags: readonly string[]): Promise<void> {
  const variables = {
    GOTONG_VERSION: order.version,
    ...(state.hasCanary === true ? { GOTONG_RELEASE: "canary" } : {}),
  };
  const { code } = await world.shell.run(["npx", "sst", "deploy", "--stage", order.stage, ...flags], variables, {
    isShown: true,
    seconds: DEPLOY_SECONDS,
  });
  if (code !== 0)
    throw new Error(
      `npx sst deploy --stage ${order.stage} ${flags.join(" ")} ended with ${code} (docs/deploy-trouble.md)`,
    );
}
