import { Delivery } from "@gotong/core/delivery/index.ts";
import { Valve } from "@gotong/core/delivery/valve.ts";
import { Breaker } from "@gotong/core/delivery/breaker.ts";
import { Delivery as DeliveryMessage } from "@gotong/core/event/message.ts";
import { Log } from "@gotong/core/log.ts";
import { type Incoming } from "@gotong/core/queue/index.ts";
import { type Worker, asSystem, parseBody } from "../batch.ts";

/** Seconds between probes: 15, then doubled up to five minutes. */
const FIRST_SECONDS = 15;
const LONGEST_SECONDS = 300;
/** A valve that lives in a process stays closed until the next probe has surely been made. */
const MARGIN_SECONDS = 60;
/** SQS gives a message up after 1,000 receives; well before that a fresh one goes on in its place. */
const RECEIVES = 200;

/**
 * The circuit breaker, shared by all senders. One of them puts the event with which it failed here when Markov fails for everyone;
 * this tries that event, and as long as Markov does not take it, closes the valve and tries again later. Neither the senders nor
 * the database are needed meanwhile. The message stays in its queue until the valve is open, so that no crash can leave it
 * closed for good; the queue is FIFO with one group, so that there is one probe at a time.
 */
export const breaker = {
  queue: "breaker",
  process: async (message: Incoming): Promise<number | undefined> => {
    const delivery = parseBody(DeliveryMessage, message);
    return asSystem("breaker", delivery.request_id, async () => {
      const { outcome, retryInSeconds } = await Delivery.attempt(delivery, 1);
      await Delivery.report(outcome, message.receiveCount);
      if (outcome.result !== "retrying") {
        await Valve.get().open();
        Log.warn("Markov answers: deliveries flow", { probes: message.receiveCount });
        return undefined;
      }
      const backoff = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** Math.min(message.receiveCount - 1, 5));
      const seconds = Math.max(backoff, retryInSeconds ?? 0);
      await Valve.get().close((seconds + MARGIN_SECONDS) * 1000);
      Log.warn("Markov fails for everyone: deliveries are held", { probes: message.receiveCount });
      if (message.receiveCount < RECEIVES) return seconds;
      await Breaker.open(delivery);
      return undefined;
    });
  },
} satisfies Worker;
