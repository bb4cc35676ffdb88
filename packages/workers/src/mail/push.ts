import { Clock } from "@gotong/core/platform/clock.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { PushDelivery, type PushMessage, openPush, retryDelaySeconds } from "@gotong/core/platform/push/index.ts";
import { type Incoming, Queue } from "@gotong/core/platform/queue/index.ts";

/**
 * Makes one attempt at a push. No device must get a push twice, and push services do not support idempotency. So each attempt has its own
 * message, and a message that is received a second time is dropped, since its first attempt may have succeeded. The notification is still in the
 * feed.
 */
export async function sendPush({ receiveCount }: Pick<Incoming, "receiveCount">, message: PushMessage): Promise<void> {
  if (receiveCount > 1) {
    Metrics.count("push_failed_total", { reason: "unknown" });
    Log.warn("a push was received again and is dropped");
    return;
  }
  const push = openPush(message);
  const outcome = await PushDelivery.attempt(push);
  const attempts = message.attempts + 1;
  if (outcome.result === "sent") {
    Metrics.count("push_sent_total");
    return;
  }
  const delaySeconds = retryDelaySeconds(attempts, outcome);
  Metrics.count("push_failed_total", { reason: delaySeconds === undefined ? outcome.result : "retried" });
  if (outcome.result === "gone") {
    const gone = { armed_at: Clock.now().toISOString(), gone_subscription: push.subscription_id };
    await Queue.get().send("sweep", { body: Queue.toBody(gone) });
  } else if (delaySeconds === undefined) Log.warn("a push was not sent", { result: outcome.result, attempts });
  else await Queue.get().send("mail", { body: Queue.toBody({ ...message, attempts }), delaySeconds });
}
