import { setTimeout as sleep } from "node:timers/promises";
import { QUEUES, Queue } from "@gotong/core/platform/queue/index.ts";
import { prepareBucket } from "@gotong/core/platform/storage/index.ts";

/** Time within which a new container responds. */
const WAIT_MS = 60_000;

/**
 * Creates the bucket if it is missing and waits for every queue. compose.yaml runs it before API and workers.
 * @throws Error of the last failed attempt, after `waitMs`
 */
export async function prepare(waitMs = WAIT_MS): Promise<string> {
  const until = performance.now() + waitMs;
  await again(prepareBucket, until);
  for (const queue of QUEUES) await again(() => Queue.get().ping(queue), until);
  return `the bucket and ${QUEUES.length} queues answer\n`;
}

async function again(attempt: () => Promise<void>, until: number): Promise<void> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() >= until) throw error;
      await sleep(500);
    }
  }
}
