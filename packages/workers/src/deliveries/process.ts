import { Breaker } from "@gotong/core/delivery/breaker.ts";
import { type Attempt, Delivery } from "@gotong/core/delivery/index.ts";
import { Pace } from "@gotong/core/delivery/pace.ts";
import { Receives } from "@gotong/core/delivery/receives.ts";
import { Valve } from "@gotong/core/delivery/valve.ts";
import { Delivery as DeliveryMessage } from "@gotong/core/event/message.ts";
import { type Incoming } from "@gotong/core/queue/index.ts";
import { type Worker, asSystem, parseBody } from "../batch.ts";

/** The longest wait for a turn inside of the function; beyond it the message waits in the queue, where waiting is free. */
const LONGEST_WAIT_SECONDS = 10;
/** An attempt, its report and what is left of the batch. */
const ATTEMPT_SECONDS = 12;

/** Sends one event to Markov, from the message alone, and reports the outcome before the message is let go. */
export const deliveries = {
  queue: "deliveries",
  loops: 4,
  isPaused: Valve.isClosed,
  longestSeconds: LONGEST_WAIT_SECONDS + ATTEMPT_SECONDS,
  onSkip: Receives.skip,
  process: async (message: Incoming): Promise<number | undefined> => {
    const delivery = parseBody(DeliveryMessage, message);
    const longestMs = Breaker.heldForSeconds() > 0 ? 0 : LONGEST_WAIT_SECONDS * 1000;
    const waitMs = await Pace.wait(longestMs, new Date(delivery.created_at));
    const heldForSeconds = Breaker.heldForSeconds(); // it may have opened meanwhile
    if (heldForSeconds > 0 || waitMs > 0) {
      Receives.skip(message);
      return Math.max(heldForSeconds, Math.ceil(waitMs / 1000));
    }
    const { verdict, retryInSeconds, pauseSeconds } = await deliver(delivery, message);
    if (await Breaker.note(verdict, delivery.subject, pauseSeconds ?? 0)) await Breaker.open(delivery);
    return retryInSeconds;
  },
} satisfies Worker;

/** One attempt of a message's event, reported. */
export function deliver(delivery: DeliveryMessage, message: Incoming): Promise<Attempt> {
  return asSystem("deliveries", delivery.request_id, async () => {
    const attempts = Receives.attemptsOf(message);
    const attempt = await Delivery.attempt(delivery, attempts);
    await Delivery.report(attempt.outcome, attempts);
    return attempt;
  });
}
