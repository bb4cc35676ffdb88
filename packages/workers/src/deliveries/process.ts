import { Delivery as DeliveryMessage } from "@gotong/core/event/message.ts";
import { Delivery } from "@gotong/core/delivery/index.ts";
import { Log } from "@gotong/core/log.ts";
import { Queue } from "@gotong/core/queue/index.ts";
import { type Worker, asSystem, parseBody } from "../batch.ts";

/** Sends one event to Markov, from the message alone, and reports the outcome before the message is let go. */
export const deliveries: Worker = {
  queue: "deliveries",
  process: (message) => {
    const delivery = parseBody(DeliveryMessage, message);
    return asSystem("deliveries", delivery.request_id, async () => {
      const { outcome, retryInSeconds } = await Delivery.attempt(delivery, message.receiveCount);
      await Queue.get().send("outcomes", { body: JSON.stringify(outcome) });
      Log.info("delivery attempt", {
        event_id: outcome.event_id,
        result: outcome.result,
        status: outcome.status,
        latency_ms: outcome.latency_ms,
      });
      return retryInSeconds;
    });
  },
};
