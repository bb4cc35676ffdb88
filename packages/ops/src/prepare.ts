import { setTimeout as sleep } from "node:timers/promises";
import { QUEUES, Queue } from "@gotong/core/platform/queue/index.ts";
import { prepareBucket } from "@gotong/core/platform/storage/prepare.ts";

/** A container that was started a moment ago answers within this. */
const WAIT_MS = 60_000;

/**
 * Makes the bucket where there is none and asks every queue whether it is there: what compose.yaml runs before API and worker.
 * @throws Error of whatever does not answer, once `waitMs` are over
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
