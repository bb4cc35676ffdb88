import { Clock } from "../platform/clock.ts";
import { Config } from "../platform/config.ts";
import { Queue } from "../platform/queue/index.ts";
import type { Dispatched } from "./message.ts";

/** Delay of a sweep that reads the queue `outcomes`, so that it records several outcomes in one transaction. */
const OUTCOMES_AFTER_SECONDS = 20;
/** Maximum delay of an SQS message. */
const LONGEST_DELAY_SECONDS = 900;

/**
 * Sends one more sweep message, due `delaySeconds` from now.
 * @param only if set, the sweep passes the messages of this queue to the queue's function, and does nothing else
 */
export async function send(delaySeconds: number, only?: Dispatched): Promise<void> {
  const now = Clock.now();
  const isLate = delaySeconds > LONGEST_DELAY_SECONDS;
  const message = {
    armed_at: now.toISOString(),
    ...(only === undefined ? {} : { only }),
    ...(isLate ? { not_before: new Date(now.getTime() + delaySeconds * 1000).toISOString() } : {}),
  };
  await Queue.get().send("sweep", {
    body: Queue.toBody(message),
    delaySeconds: Math.min(delaySeconds, LONGEST_DELAY_SECONDS),
  });
}

/** Whether the sweep reads this queue, because no Lambda trigger does. */
export const reads = (queue: "outcomes" | Dispatched): boolean =>
  Config.section("queue").QUEUES_WITHOUT_TRIGGER.includes(queue);

/** Sends a sweep that reads `queue`, unless the queue has a trigger. Called after a message was sent to the queue. */
export async function callFor(queue: "outcomes" | Dispatched, delaySeconds = 0): Promise<void> {
  if (!reads(queue)) return;
  // Recording outcomes needs the database. The act's own sweep uses it a minute after the act; this sweep runs no
  // later, so that the database need not resume twice.
  await (queue === "outcomes" ? send(OUTCOMES_AFTER_SECONDS) : send(delaySeconds, queue));
}

export * as Sweep from "./sweep.ts";
