import { afterEach, expect, test } from "vitest";
import { Queue, type WorkQueue } from "@gotong/core/platform/queue/index.ts";
import { WORK_QUEUES, factsOf } from "@gotong/core/platform/queue/queues.ts";
import { poll } from "@gotong/workers/poll.ts";

afterEach(() => Queue.use(undefined));

/** The number of messages that the first receive of a pod's worker asks for. */
async function askedFor(queue: WorkQueue): Promise<number | undefined> {
  const stopping = new AbortController();
  let asked: number | undefined;
  const nothing = async () => undefined;
  Queue.use({
    send: nothing,
    remove: nothing,
    hide: nothing,
    ping: nothing,
    receive: async (_queue, _waitSeconds, _signal, most) => {
      asked = most;
      stopping.abort();
      return [];
    },
  });
  await poll({ queue, process: nothing }, stopping.signal);
  return asked;
}

test("a pod receives its queue's batch size per call: the size for pods, else for functions, and at most the 10 of SQS", async () => {
  for (const queue of WORK_QUEUES) {
    const { batchSize, podBatchSize = batchSize } = factsOf(queue);
    expect(await askedFor(queue), queue).toBe(Math.min(podBatchSize, 10));
  }
  expect(await askedFor("deliveries")).toBe(10);
  expect(await askedFor("breaker")).toBe(1);
  expect(await askedFor("outcomes")).toBe(10);
});
