import { Clock } from "../platform/clock.ts";
import { Config } from "../platform/config.ts";
import { Queue } from "../platform/queue/index.ts";
import { onReset } from "../platform/reset.ts";
import type { Dispatched } from "./message.ts";

/** The delay between arming a sweep and its run. */
const SWEEP_DELAY_SECONDS = 60;
/** Time limit of an act's transaction, after which PostgreSQL aborts it. */
export const ACT_LIMIT_SECONDS = 20;
/**
 * Age up to which an armed sweep also serves acts that begin now: the sweep must run later than such an act can last, with a margin of 10 s
 * for clock differences.
 */
const SHARED_UNTIL_SECONDS = SWEEP_DELAY_SECONDS - ACT_LIMIT_SECONDS - 10;

let armed: { at: number; isDone: boolean; done: Promise<void> } | undefined;

/** Whether a sweep is armed that will run after every transaction that begins now has ended, committed or not. */
export const isArmed = () => armed?.isDone === true && isInTime(armed);

const isInTime = ({ at }: { readonly at: number }) => Clock.now().getTime() - at <= SHARED_UNTIL_SECONDS * 1000;

/**
 * Arms a sweep unless {@link isArmed}. One message serves all acts that begin in this process within {@link SHARED_UNTIL_SECONDS}.
 * @throws when the queue does not accept the message
 */
export async function armSweep(): Promise<void> {
  if (!armed || !isInTime(armed)) armed = { at: Clock.now().getTime(), isDone: false, done: send(SWEEP_DELAY_SECONDS) };
  const sweep = armed;
  try {
    await sweep.done;
    sweep.isDone = true;
  } catch (error) {
    if (armed === sweep) armed = undefined;
    throw error;
  }
}

/** Delay of the sweep that reads `outcomes`, so that it records several outcomes at once. */
const OUTCOMES_AFTER_SECONDS = 20;
/** Maximum delay of an SQS message. */
const LONGEST_DELAY_SECONDS = 900;

/**
 * Sends one more sweep message, due `delaySeconds` from now.
 * @param only if set, the sweep hands on the messages of this queue and does nothing else
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

/** Whether the sweep reads this queue because its trigger is off. */
export const reads = (queue: "outcomes" | Dispatched): boolean =>
  Config.section("queue").QUEUES_WITHOUT_TRIGGER.includes(queue);

/** Sends the sweep that reads `queue`, unless the queue has a trigger. Called after a message was sent to the queue. */
export async function callFor(queue: "outcomes" | Dispatched, delaySeconds = 0): Promise<void> {
  if (!reads(queue)) return;
  // Recording outcomes needs the database, which runs anyway for the act's own sweep a minute after the act: this sweep is not later.
  await (queue === "outcomes" ? send(OUTCOMES_AFTER_SECONDS) : send(delaySeconds, queue));
}

/** Forgets the shared sweep (for tests, and for queues that were emptied). */
export function disarm(): void {
  armed = undefined;
}
onReset(disarm);

export * as Sweep from "./sweep.ts";
