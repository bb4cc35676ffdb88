import { Clock } from "../platform/clock.ts";
import { Config } from "../platform/config.ts";
import { AppError } from "../platform/error.ts";
import { Queue } from "../platform/queue/index.ts";
import { onReset } from "../platform/reset.ts";
import type { Dispatched } from "./message.ts";

/** The delay of a sweep's message: the sweep runs this long after it was armed. */
const SWEEP_DELAY_SECONDS = 60;
/** Time limit of an act's transaction, after which PostgreSQL aborts it. */
export const ACT_LIMIT_SECONDS = 20;
/**
 * Time for which an armed sweep also serves new acts. The sweep must run after such an act has ended. An act ends
 * within {@link ACT_LIMIT_SECONDS}; 10 s more allow for clock differences.
 */
const SHARED_UNTIL_SECONDS = SWEEP_DELAY_SECONDS - ACT_LIMIT_SECONDS - 10;

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

/**
 * Arms the sweep of an act.
 * @throws AppError UNAVAILABLE when the queue does not accept the message
 */
export async function armForAct(): Promise<void> {
  try {
    await arm();
  } catch (cause) {
    throw new AppError("UNAVAILABLE", {
      detail: "The change could not be recorded safely and was not made. Try again.",
      retryAfterSeconds: 5,
      cause,
    });
  }
}

let armed: { at: number; isDone: boolean; done: Promise<void> } | undefined;

/** Whether an armed sweep will run after the end of every transaction that begins now. */
export function isArmed(): boolean {
  return armed?.isDone === true && isInTime(armed);
}

const isInTime = ({ at }: { readonly at: number }) => Clock.now().getTime() - at <= SHARED_UNTIL_SECONDS * 1000;

/**
 * Arms the sweep: sends the message of a delayed sweep, unless {@link isArmed}. One message serves all acts that begin in
 * this process within {@link SHARED_UNTIL_SECONDS}.
 * @throws when the queue does not accept the message
 */
export async function arm(): Promise<void> {
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

/** Forgets that a sweep is armed (for tests, and after queues were emptied). */
export function disarm(): void {
  armed = undefined;
}
onReset(disarm);

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
