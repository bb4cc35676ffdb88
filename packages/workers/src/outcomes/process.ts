import { Outcome } from "@gotong/core/outbox/message.ts";
import { isOutOfTime, recordOutcomes } from "@gotong/core/webhook/record.ts";
import { type Incoming, Queue } from "@gotong/core/platform/queue/index.ts";
import { BadBody, type Worker, bury, parseBody } from "../batch.ts";

/** How many receives one run spends on the reports that waited for the database to be awake. */
const WAITING_RECEIVES = 20;
/** The same before an event is given up, which depends on how often it was attempted. */
const DECISIVE_RECEIVES = 200;

/** Records how attempts ended, a batch in one transaction. */
export const outcomes: Worker = {
  queue: "outcomes",
  processAll: async (messages) => {
    const reports = await understood("outcomes", messages);
    const isDecisive = reports.some(isOutOfTime);
    if (isDecisive) await recordWaiting(DECISIVE_RECEIVES, 1); // one that does not wait may not find all
    await recordOutcomes(reports);
    if (!isDecisive) await recordWaiting();
  },
};

/** Records the reports of attempts that will be repeated. They wake no database; whoever has woken it takes them along. */
export async function recordWaiting(mostReceives = WAITING_RECEIVES, waitSeconds = 0): Promise<void> {
  for (let receives = 0; receives < mostReceives; receives += 1) {
    const messages = await Queue.get().receive("attempts", waitSeconds);
    if (messages.length === 0) return;
    await recordOutcomes(await understood("attempts", messages));
    await Promise.all(messages.map((message) => Queue.get().remove("attempts", message)));
  }
}

async function understood(queue: Queue, messages: readonly Incoming[]): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for (const message of messages) {
    try {
      found.push(parseBody(Outcome, message));
    } catch (error) {
      // What cannot even be buried makes the batch come back: recording is idempotent.
      if (!(error instanceof BadBody) || !(await bury(queue, message))) throw error;
    }
  }
  return found;
}
