import type { Release } from "@gotong/core/platform/release/index.ts";
import * as v from "valibot";
import { Characters } from "@gotong/core/platform/characters.ts";
import { canary, settle } from "./canary.ts";
import { check } from "./check.ts";
import { deploy, migrate, smoke } from "./deploy.ts";
import { rollBack } from "./roll-back.ts";
import { STEPS, State, type StepName } from "./state.ts";
import type { Run, StepWork } from "./world.ts";

const WORK: Readonly<Record<Exclude<StepName, "done">, StepWork>> = {
  check,
  migrate,
  deploy,
  smoke,
  canary,
  settle,
  rollback: rollBack,
};

export interface Ended {
  readonly id: string;
  readonly outcome: "released" | "rolled_back" | "failed";
  readonly state: State;
  readonly file: string;
}

/** Interval at which the release renews its lock. The lock survives five missed renewals. */
const RENEW_SECONDS = 60;

/**
 * Runs a release from its current step to its end. Each step is recorded before the next begins, so that another
 * process can continue if this one dies.
 * @throws Error if the rollback fails: the release stays unfinished, and the next run continues it
 */
export async function runToEnd(run: Run, release: Release.Info, lease: string): Promise<Ended> {
  const { world, progress } = run;
  let state = v.parse(State, release.data);
  let step = v.parse(v.picklist(STEPS), release.step);
  const save = async (change: Partial<v.InferOutput<typeof Release.Save>>) => {
    await world.journal.save({ id: release.id, lease, ...change });
  };
  const remember = async (known: State) => {
    state = known;
    await save({ step, data: known });
  };
  let isLost = false;
  const stop = world.every(RENEW_SECONDS, async () => {
    await save({}).catch(() => void (isLost = true));
  });
  try {
    while (step !== "done") {
      if (isLost) await save({}); // throws an error that explains the loss
      progress(`${step} …`);
      let next: StepName;
      try {
        state = await WORK[step](run, state, remember);
        next = after(step, state);
      } catch (error) {
        const failure = Characters.cut(error instanceof Error ? error.message : String(error), 500);
        progress(`${step} failed: ${failure}`);
        state = { ...state, failure: state.failure ?? `${step}: ${failure}` };
        // The rollback failed: the next run tries it again.
        if (step === "rollback") {
          await save({ step, data: state });
          throw error;
        }
        next = mayHaveNewVersion(step) ? "rollback" : "done";
      }
      step = next;
      if (step !== "done") await save({ step, data: state });
    }
  } finally {
    stop();
  }
  const outcome = outcomeOf(release.kind, state);
  const record = { ...release, step, data: state, outcome };
  const file = await world.keep(run.order.stage, record);
  await save({ step, data: state, outcome });
  return { id: release.id, outcome, state, file };
}

function after(step: Exclude<StepName, "done">, state: State): StepName {
  if (step === "smoke" && state.hasCanary !== true) return "done";
  if (step === "rollback" || step === "settle") return "done";
  return STEPS[STEPS.indexOf(step) + 1] ?? "done";
}

/** Returns whether the new version may have traffic in a step. In earlier steps the former version has all traffic. */
const mayHaveNewVersion = (step: StepName) => ["deploy", "smoke", "canary", "settle"].includes(step);

function outcomeOf(kind: Release.Info["kind"], state: State): Ended["outcome"] {
  if (kind === "rollback") return "rolled_back";
  if (state.failure === undefined) return "released";
  return state.isBack === true ? "rolled_back" : "failed";
}
