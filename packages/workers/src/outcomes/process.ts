import { Outcome, Sweep } from "@gotong/core/outbox/index.ts";
import { isOutOfTime, recordOutcomes } from "@gotong/core/webhook/index.ts";
import { type Incoming, Queue, type WorkQueue } from "@gotong/core/platform/queue/index.ts";
import { UnprocessableMessage, type Worker, parseBody, sendToDeadLetterQueue } from "../batch.ts";

/** Upper limit of receives from the queue `attempts` in one run. */
const WAITING_RECEIVES = 20;
/**
 * Upper limit of those receives if the batch may dead-letter an event: that depends on the number of its attempts, so
 * all outcomes in `attempts` must be recorded first.
 */
const FINAL_RECEIVES = 200;

/** Records the outcomes of attempts, a batch in one transaction. */
export const outcomes = {
  queue: "outcomes",
  processAll: async (messages: readonly Incoming[]): Promise<void> => {
    const received = await parseOutcomes("outcomes", messages);
    const mayBeFinal = received.some(isOutOfTime);
    if (mayBeFinal) await recordWaiting(FINAL_RECEIVES, 1); // uses long polling, since a short poll may miss messages
    await recordOutcomes(received);
    if (!mayBeFinal) await recordWaiting();
  },
} satisfies Worker;

/**
 * Records the outcomes in the queue `attempts`. This queue has no trigger, so that its messages do not resume the
 * database. Every function that uses the database for another reason records them as well.
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
 * Records the outcomes in the queue `outcomes` on stages where that queue has no trigger. If a sweep fails, its retry
 * finds the same messages: their visibility timeout ends before the sweep's (queues.ts).
 */
export async function recordOutcomesOfSweep(): Promise<void> {
  for (let receives = 0; receives < FINAL_RECEIVES; receives += 1) {
    const messages = await Queue.get().receive("outcomes", 1); // uses long polling, since a short poll may miss messages
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
      // If even the dead-letter queue rejects the message, the whole batch is retried, which is safe because recording is idempotent.
      if (!(error instanceof UnprocessableMessage) || !(await sendToDeadLetterQueue(queue, message))) throw error;
    }
  }
  return found;
}
