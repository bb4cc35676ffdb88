import { Breaker } from "@gotong/core/delivery/breaker.ts";
import { Delivery } from "@gotong/core/delivery/index.ts";
import { Pace } from "@gotong/core/delivery/pace.ts";
import { Valve } from "@gotong/core/delivery/valve.ts";
import { Delivery as DeliveryMessage } from "@gotong/core/event/message.ts";
import { type Incoming } from "@gotong/core/queue/index.ts";
import { type Worker, asSystem, parseBody } from "../batch.ts";

/** The longest wait for a turn inside of the function; beyond it the message waits in the queue, where waiting is free. */
const LONGEST_WAIT_MS = 10_000;

/** Sends one event to Markov, from the message alone, and reports the outcome before the message is let go. */
export const deliveries = {
  queue: "deliveries",
  loops: 4,
  isPaused: Valve.isClosed,
  process: async (message: Incoming): Promise<number | undefined> => {
    const delivery = parseBody(DeliveryMessage, message);
    const longestMs = Breaker.heldForSeconds() > 0 ? 0 : LONGEST_WAIT_MS;
    const waitMs = await Pace.wait(longestMs, new Date(delivery.created_at));
    const heldForSeconds = Breaker.heldForSeconds(); // it may have opened meanwhile
    if (heldForSeconds > 0 || waitMs > 0) return Math.max(heldForSeconds, Math.ceil(waitMs / 1000));
    return asSystem("deliveries", delivery.request_id, async () => {
      const { outcome, verdict, retryInSeconds } = await Delivery.attempt(delivery, message.receiveCount);
      await Delivery.report(outcome, message.receiveCount);
      if (await Breaker.note(verdict, delivery.subject, retryInSeconds ?? 0)) await Breaker.open(delivery);
      return retryInSeconds;
    });
  },
} satisfies Worker;
