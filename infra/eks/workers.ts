import { cache } from "../cache.ts";
import { type Grant, workerGrants } from "../grants.ts";
import type { Pods } from "../stage-shape.ts";
import { WORK_QUEUES, factsOf } from "../../packages/core/src/platform/queue/queues.ts";
import { queues } from "../queues.ts";
import { region } from "../stage.ts";
import { triggers } from "../workers.ts";
import { bindRole } from "./access.ts";
import { scaleByQueues, scaleByUse } from "./scaling.ts";
import { createWorkload } from "./workload.ts";

const PORT = 9464; // WORKERS_PORT of core/src/platform/config.ts
/** Time that a pod has to stop: the maximum duration of a batch, and 30 s for a clean exit. */
const GRACE_SECONDS = Math.max(...WORK_QUEUES.map((queue) => factsOf(queue).timeoutSeconds)) + 30;

/**
 * Queues whose length scales the pods. The deliveries queue is absent: its backlog grows by design while Markov is
 * down, and more pods would not help.
 */
const CALLING = [queues.outcomes, queues.evidence, queues.sweep, queues.mail];

/**
 * Creates the pods that consume all queues. Their settings contain no trigger id, so their delivery switch is a flag
 * in Valkey.
 */
export function createWorkers({ workers: shape, hasKeda }: Pods): void {
  const grants: readonly Grant[] = Object.values(workerGrants);
  const workload = createWorkload({
    name: "Workers",
    component: "workers",
    shape,
    port: PORT,
    graceSeconds: GRACE_SECONDS,
    hasCallers: false,
    grant: {
      link: [...new Set([...grants.flatMap(({ link }) => link), ...(cache ? [cache] : [])])],
      permissions: grants.flatMap(({ permissions }) => permissions),
    },
    dependsOn: triggers,
  });
  const target = { ...workload, shape };
  if (!hasKeda) return scaleByUse("Workers", target);
  bindRole("Keda", "keda", "keda-operator", [
    { actions: ["sqs:GetQueueAttributes"], resources: CALLING.map((queue) => queue.arn) },
  ]);
  scaleByQueues(
    "Workers",
    target,
    CALLING.map((queue) => ({ queueUrl: queue.url, region })),
  );
}
