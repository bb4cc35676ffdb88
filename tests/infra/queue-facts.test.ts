import { beforeAll, expect, test } from "vitest";
import {
  QUEUES,
  deadLetterQueueOf,
  factsOf,
  isFifo,
  visibilityTimeoutSeconds,
} from "@gotong/core/platform/queue/index.ts";
import { WORK_QUEUES } from "@gotong/core/platform/queue/queues.ts";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Resource } from "../../infra/evaluate/resource.ts";
import { STAGES } from "../../infra/stages.ts";

const camel = (queue: string) => queue.replaceAll(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());

let staging: readonly Resource[] = [];
beforeAll(async () => {
  staging = (await evaluateAll()).find(({ variant }) => variant.id === "staging")?.resources ?? [];
}, 600_000);
const inputsOf = (name: string) => staging.find((one) => one.name === name)?.inputs ?? {};

test("every queue is deployed with the order, visibility timeout and receive limit of the table of queues", () => {
  for (const queue of QUEUES)
    expect(inputsOf(`${camel(queue)}QueueQueue`)["fifoQueue"] === true, queue).toBe(isFifo(queue));
  for (const queue of WORK_QUEUES) {
    const { visibilityTimeoutSeconds: visibility, redrivePolicy } = inputsOf(`${camel(queue)}QueueQueue`);
    expect(visibility, queue).toBe(visibilityTimeoutSeconds(queue));
    expect(redrivePolicy, queue).toContain(`"maxReceiveCount":${factsOf(queue).receives}`);
    expect(isFifo(deadLetterQueueOf(queue)), queue).toBe(isFifo(queue));
  }
});

test("every worker function has the timeout of its queue, and its trigger the batch, window and concurrency of the table of queues", () => {
  const { workerConcurrency } = STAGES.staging;
  for (const queue of WORK_QUEUES.filter((name) => name !== "attempts")) {
    const facts = factsOf(queue);
    const ofStage = Object.entries(workerConcurrency).find(([name]) => name === queue)?.[1];
    expect(inputsOf(`${camel(queue)}Trigger`), queue).toMatchObject({
      batchSize: facts.batchSize,
      scalingConfig: { maximumConcurrency: facts.concurrency ?? ofStage },
    });
    expect(inputsOf(`${camel(queue)}Trigger`)["maximumBatchingWindowInSeconds"], queue).toBe(facts.windowSeconds);
    expect(inputsOf(`${camel(queue)}WorkerFunction`)["timeout"], queue).toBe(facts.timeoutSeconds);
    expect(facts.concurrency === undefined, queue).toBe(ofStage !== undefined);
  }
});
