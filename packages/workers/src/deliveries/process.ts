import { Delivery as DeliveryMessage, type Outcome } from "@gotong/core/event/message.ts";
import { Delivery } from "@gotong/core/delivery/index.ts";
import { Log } from "@gotong/core/log.ts";
import { Metrics } from "@gotong/core/metrics/index.ts";
import { Queue } from "@gotong/core/queue/index.ts";
import { type Worker, asSystem, parseBody } from "../batch.ts";

/** Sends one event to Markov, from the message alone, and reports the outcome before the message is let go. */
export const deliveries: Worker = {
  queue: "deliveries",
  process: (message) => {
    const delivery = parseBody(DeliveryMessage, message);
    return asSystem("deliveries", delivery.request_id, async () => {
      const { outcome, retryInSeconds } = await Delivery.attempt(delivery, message.receiveCount);
      measure(outcome, message.receiveCount);
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

function measure(outcome: Outcome, attempts: number): void {
  Metrics.count("webhook_delivery_total");
  Metrics.observe("webhook_delivery_latency", outcome.latency_ms / 1000);
  if (attempts > 1) Metrics.count("webhook_retry_count");
  if (outcome.result === "delivered") Metrics.count("webhook_delivery_success");
  else Metrics.count("webhook_delivery_failure", { status: String(outcome.status ?? "none") });
}
