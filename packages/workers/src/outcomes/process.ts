import { Outcome, Sweep } from "@gotong/core/outbox/index.ts";
import { isOutOfTime, recordOutcomes } from "@gotong/core/webhook/index.ts";
import { type Incoming, Queue, type WorkQueue } from "@gotong/core/platform/queue/index.ts";
import { UnprocessableMessage, type Worker, parseBody, sendToDeadLetterQueue } from "../batch.ts";

/** How many receives one run spends on the `attempts` queue. */
const WAITING_RECEIVES = 20;
/** The same before an event may become dead, since that depends on the number of its attempts. */
const FINAL_RECEIVES = 200;

/** Records the outcomes of attempts, a batch in one transaction. */
export const outcomes = {
  queue: "outcomes",
  processAll: async (messages: readonly Incoming[]): Promise<void> => {
    const reports = await parseOutcomes("outcomes", messages);
    const mayBeFinal = reports.some(isOutOfTime);
    if (mayBeFinal) await recordWaiting(FINAL_RECEIVES, 1); // long polling: a short poll may miss messages
    await recordOutcomes(reports);
    if (!mayBeFinal) await recordWaiting();
  },
} satisfies Worker;

/**
 * Records the reports in the `attempts` queue. They trigger no function and so do not resume the database; every function
 * that uses it for another reason records them too.
 */
export async function recordWaiting(mostReceives = WAITING_RECEIVES, waitSeconds = 0): Promise<void> {
  for (let receives = 0; receives < mostReceives; receives += 1) {
    const messages = await Queue.get().receive("attempts", waitSeconds);
    if (messages.length === 0) return;
    await recordOutcomes(await parseOutcomes("attempts", messages));
    await Promise.all(messages.map((message) => Queue.get().remove("attempts", message)));
  }
}

/**
 * Records what is in `outcomes`, where that queue has no trigger. Messages that a failed sweep received are visible again before the
 * sweep is retried: the visibility timeouts in queues.ts differ by more than a run.
 */
export async function recordOutcomesOfSweep(): Promise<void> {
  for (let receives = 0; receives < FINAL_RECEIVES; receives += 1) {
    const messages = await Queue.get().receive("outcomes", 1); // long polling: a short poll may miss messages
    if (messages.length === 0) return;
    await outcomes.processAll(messages);
    await Promise.all(messages.map((message) => Queue.get().remove("outcomes", message)));
  }
  await Sweep.send(0);
}

async function parseOutcomes(queue: WorkQueue, messages: readonly Incoming[]): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for (const message of messages) {
    try {
      found.push(parseBody(Outcome, message));
    } catch (error) {
      // If even the dead-letter queue does not accept it, the whole batch is retried: recording is idempotent.
      if (!(error instanceof UnprocessableMessage) || !(await sendToDeadLetterQueue(queue, message))) throw error;
    }
  }
  return found;
}
