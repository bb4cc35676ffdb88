import { setTimeout as sleep } from "node:timers/promises";
import { Log } from "@gotong/core/log.ts";
import { Queue } from "@gotong/core/queue/index.ts";
import { type Worker, runBatch } from "./batch.ts";

const WAIT_SECONDS = 20;
const PAUSE_AFTER_FAILURE_MS = 1_000;

/**
 * Serves a worker's queue with long polls until `signal` aborts; then it ends after the batch in hand. What Lambda does for
 * `lambda.ts`, for long-running processes.
 */
export async function poll(worker: Worker, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const messages = await Queue.get().receive(worker.queue, WAIT_SECONDS, signal);
      for (const { message, isDone, retryInSeconds } of await runBatch(worker, messages)) {
        if (isDone) await Queue.get().remove(worker.queue, message);
        else if (retryInSeconds !== undefined) await Queue.get().hide(worker.queue, message, retryInSeconds);
      }
    } catch (error) {
      if (signal.aborted) return;
      Log.error("polling failed", error, { queue: worker.queue });
      await sleep(PAUSE_AFTER_FAILURE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
