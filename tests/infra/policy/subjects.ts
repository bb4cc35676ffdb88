import type { Context, Resource } from "../../../infra/policy/resource.ts";
import { readSettings } from "../../../infra/stage-name.ts";
import { describeStage } from "../../../infra/stages.ts";
import { evaluateAll } from "../../../infra/evaluate/evaluations.ts";
import { newResource } from "../../../infra/evaluate/mocks.ts";
import { CLUSTER, KUBERNETES } from "./kubernetes.ts";

/** The input of the rules: a stage's properties and resources. */
export interface Subject {
  readonly context: Context;
  readonly resources: readonly Resource[];
}

/** Returns every variant that is evaluated. @throws the error of a failed evaluation */
export async function subjects(): Promise<Subject[]> {
  const evaluations = await evaluateAll();
  return evaluations.map(({ variant, resources }) => ({
    context: {
      stage: describeStage(variant.stage, readSettings(variant.variables)),
      isDev: variant.isDev,
      label: variant.id,
    },
    // Adds the id to the outputs, where AWS has it but a mocked resource does not.
    resources: resources.map((one) => ({
      ...one,
      outputs: { ...one.outputs, id: newResource(one.options.region ?? "us-east-1", one).id },
    })),
  }));
}

/** Kubernetes objects that satisfy all rules; no evaluated stage has them. */
export const cluster: Subject = { context: KUBERNETES, resources: CLUSTER };
