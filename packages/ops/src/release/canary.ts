import { Clock } from "@gotong/core/platform/clock.ts";
import { functionOf } from "../stage.ts";
import { loadAlias, smokeOf } from "./probe.ts";
import { ALIAS, type State } from "./state.ts";
import type { AliasState, Run, ShiftPlan, StepWork, Traffic } from "./world.ts";

const POLL_SECONDS = 15;
/**
 * The timeout of a traffic shift is the duration of the canary plus this time, since CodeDeploy needs some time before
 * and after the canary.
 */
const GRACE_MINUTES = 15;
/**
 * Limit of failed requests among the release's own: more than 1 % (platform.md §5), and at least three, so that
 * single failures do not count.
 */
const FAILING_SHARE = 0.01;
const LEAST_FAILURES = 3;

/**
 * Shifts 10 % of the traffic, then all of it, by CodeDeploy, which rolls back when an alarm fires. Meanwhile the
 * release sends requests, so that the alarms have data, and stops the shift itself if these requests fail.
 * @throws Error if the traffic was not shifted; then the release must roll back
 */
export const canary: StepWork = async (run, known, remember) => {
  const { order, world, progress } = run;
  const { traffic } = world;
  const functionName = functionOf(order.stage, "api");
  const { plan, minutes, requestsPerMinute } = planOf(functionName, known);
  if (isAt(await aliasOf(run), plan.to)) return known;
  // AWS rejects splitting the traffic of an alias with provisioned concurrency.
  await traffic.removeProvisioned(functionName, ALIAS);
  const shift = await begun(run, plan);
  const state = { ...known, shift };
  await remember(state);
  const until = Clock.now().getTime() + (minutes + GRACE_MINUTES) * 60_000;
  const sent = { requests: 0, failures: 0 };
  for (;;) {
    const { status, reason } = await traffic.shiftOf(shift);
    if (status === "succeeded") return state;
    if (status !== "running")
      throw new Error(`CodeDeploy ${status} ${shift}${reason === undefined ? "" : `: ${reason}`}`);
    if (Clock.now().getTime() >= until)
      throw new Error(`the shift ${shift} did not end in ${minutes + GRACE_MINUTES} minutes`);
    const count = Math.ceil((requestsPerMinute * POLL_SECONDS) / 60);
    sent.requests += count;
    sent.failures += await loadAlias(traffic, functionName, ALIAS, count);
    if (sent.failures >= LEAST_FAILURES && sent.failures / sent.requests > FAILING_SHARE)
      throw new Error(`${sent.failures} of ${sent.requests} requests to the canary failed`);
    progress(`${order.version} takes a share of the traffic: ${sent.requests} requests sent, ${sent.failures} failed`);
    await Clock.sleep(POLL_SECONDS * 1000);
  }
};

/**
 * Checks that all traffic is on the target version, sets the provisioned concurrency again, and runs the smoke test
 * on the alias.
 */
export const settle: StepWork = async (run, state) => {
  const { order, world } = run;
  const functionName = functionOf(order.stage, "api");
  const { plan } = planOf(functionName, state);
  if (!isAt(await aliasOf(run), plan.to)) throw new Error(`the alias ${ALIAS} is not at version ${plan.to}`);
  await keepWarm(world.traffic, functionName, state);
  const problems = await smokeOf(world.traffic, functionName, ALIAS, order.version);
  if (problems.length > 0) throw new Error(problems.join("; "));
  return state;
};

/** Sets the provisioned concurrency of the alias, if the stage has it. */
export async function keepWarm(traffic: Traffic, functionName: string, { provisioned }: State): Promise<void> {
  if (provisioned !== undefined && provisioned > 0) await traffic.setProvisioned(functionName, ALIAS, provisioned);
}

export async function aliasOf({ order, world }: Run): Promise<AliasState> {
  const alias = await world.traffic.aliasOf(functionOf(order.stage, "api"), ALIAS);
  if (!alias) throw new Error(`the API of ${order.stage} has no alias ${ALIAS}`);
  return alias;
}

/** Returns whether all traffic goes to this version. */
export const isAt = ({ version, weights }: AliasState, wanted: string) =>
  version === wanted && Object.keys(weights).length === 0;

/**
 * Returns the running shift to this version, or begins a new one. A process that died may have begun the shift
 * without recording it.
 */
async function begun({ world: { traffic } }: Run, plan: ShiftPlan): Promise<string> {
  const running = await traffic.runningShifts(plan.application, plan.group);
  for (const id of running) {
    const shift = await traffic.shiftOf(id);
    if (shift.target === plan.to) return id;
    await stopped(traffic, id);
  }
  return traffic.beginShift(plan);
}

const STOP_MINUTES = 10;

/** Stops a shift and waits until it has stopped. @throws Error if it does not stop */
export async function stopped(traffic: Traffic, id: string): Promise<void> {
  await traffic.stopShift(id);
  const until = Clock.now().getTime() + STOP_MINUTES * 60_000;
  while ((await traffic.shiftOf(id)).status === "running") {
    if (Clock.now().getTime() >= until) throw new Error(`CodeDeploy does not stop ${id}`);
    await Clock.sleep(POLL_SECONDS * 1000);
  }
}

function planOf(functionName: string, state: State) {
  const { former, target, application, group, canaryMinutes = 10, requestsPerMinute = 0 } = state;
  if (former === undefined || target === undefined || application === undefined || group === undefined)
    throw new Error("the release does not know its versions: it did not deploy");
  const plan: ShiftPlan = { application, group, functionName, alias: ALIAS, from: former, to: target };
  return { plan, minutes: canaryMinutes, requestsPerMinute };
}
