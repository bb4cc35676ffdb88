import type { Context, Resource } from "../../../infra/policy/resource.ts";
import { readSettings } from "../../../infra/stage-name.ts";
import { describeStage } from "../../../infra/stages.ts";
import { evaluateAll } from "../../../infra/evaluate/evaluations.ts";
import { newResource } from "../../../infra/evaluate/mocks.ts";
import { CLUSTER, KUBERNETES } from "./kubernetes.ts";

/** What the rules are checked against: the resources of a stage, and its facts. */
export interface Subject {
  readonly context: Context;
  readonly resources: readonly Resource[];
}

/** Every variant that is evaluated. @throws whatever an evaluation throws */
export async function subjects(): Promise<Subject[]> {
  const evaluations = await evaluateAll();
  return evaluations.map(({ variant, resources }) => ({
    context: {
      stage: describeStage(variant.stage, readSettings(variant.variables)),
      isDev: variant.isDev,
      label: variant.id,
    },
    // The identifier is no output of a mocked resource, and one on AWS.
    resources: resources.map((one) => ({
      ...one,
      outputs: { ...one.outputs, id: newResource(one.options.region ?? "us-east-1", one).id },
    })),
  }));
}

/** Objects of Kubernetes as the rules want them: no stage has them yet. */
export const cluster: Subject = { context: KUBERNETES, resources: CLUSTER };
