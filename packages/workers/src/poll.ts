import { setTimeout as sleep } from "node:timers/promises";
import { Log } from "@gotong/core/platform/log.ts";
import { Queue, receivedAtOnce } from "@gotong/core/platform/queue/index.ts";
import { type Worker, acknowledgeWith, runBatch } from "./batch.ts";

const WAIT_SECONDS = 20;
const PAUSE_MS = 1_000;

/**
 * Serves a worker's queue with long polls until `signal` aborts, then finishes the batches in progress. Long-running processes use it instead of
 * a Lambda trigger.
 */
export async function poll(worker: Worker, signal: AbortSignal): Promise<void> {
  await Promise.all(Array.from({ length: worker.loops ?? 1 }, () => loop(worker, signal)));
}

async function loop(worker: Worker, signal: AbortSignal): Promise<void> {
  const acknowledge = acknowledgeWith(worker.queue);
  const most = receivedAtOnce(worker.queue);
  while (!signal.aborted) {
    try {
      if (await worker.isPaused?.()) await sleep(PAUSE_MS, undefined, { signal });
      else {
        const messages = await Queue.get().receive(worker.queue, WAIT_SECONDS, signal, most);
        const results = await runBatch(worker, messages, acknowledge);
        // The next batch would fail for the same reason and use up one of its receives, so wait first.
        if ("processAll" in worker && results.some(({ isDone }) => !isDone))
          await sleep(PAUSE_MS, undefined, { signal });
      }
    } catch (error) {
      if (signal.aborted) return;
      Log.error("polling failed", error, { queue: worker.queue });
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
