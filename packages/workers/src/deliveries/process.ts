import {
  ATTEMPTS_BEFORE_DEAD,
  Breaker,
  Delivery,
  DeliverySwitch,
  RateLimiter,
  ReceiveCount,
} from "@gotong/core/webhook/index.ts";
import { DeliveryMessage } from "@gotong/core/outbox/index.ts";
import { type Incoming } from "@gotong/core/platform/queue/index.ts";
import { type Worker, asSystem, parseBody } from "../batch.ts";

/**
 * Maximum time for which a function waits for the rate limiter. For a longer wait the message returns to the queue,
 * where waiting costs nothing.
 */
const LONGEST_WAIT_MS = 10_000;

/** Number of concurrent batches of a pod. A batch has ten events, so at most 60 events are sent at a time. */
const DELIVERY_BATCHES = 6;

/** Sends one event to Markov, using only the message, and reports the outcome before the message is acknowledged. */
export const deliveries = {
  queue: "deliveries",
  loops: DELIVERY_BATCHES,
  isPaused: DeliverySwitch.isPaused,
  // An hour: Markov is unavailable for minutes from time to time, which needs no operator, since deliveries are retried
  // for three days.
  stuckAfterSeconds: 3600,
  onPutBack: ReceiveCount.discount,
  process: async (message: Incoming): Promise<number | undefined> => {
    const delivery = parseBody(DeliveryMessage, message);
    const longestMs = Breaker.pausedForSeconds() > 0 ? 0 : LONGEST_WAIT_MS;
    const waitMs = await RateLimiter.wait(longestMs, new Date(delivery.created_at));
    const pausedForSeconds = Breaker.pausedForSeconds(); // the circuit breaker may have opened meanwhile
    if (pausedForSeconds > 0 || waitMs > 0) {
      ReceiveCount.discount(message);
      return Math.max(pausedForSeconds, Math.ceil(waitMs / 1000));
    }
    const attempts = ReceiveCount.attempts(message);
    const attempt = await deliver(delivery, attempts, Breaker.isOpen());
    if (await Breaker.record(attempt, delivery.subject, attempts)) await Breaker.open(delivery);
    return attempt.retryInSeconds;
  },
} satisfies Worker;

/**
 * Makes one attempt to deliver an event, and reports the outcome.
 * @param attempts the number of attempts made, including this one
 * @param isOutage whether Markov fails for all events: then no event is dead-lettered because of its age
 */
export function deliver(delivery: DeliveryMessage, attempts: number, isOutage: boolean): Promise<Delivery.Attempt> {
  return asSystem("deliveries", delivery.request_id, async () => {
    const counted = isOutage ? Math.min(attempts, ATTEMPTS_BEFORE_DEAD - 1) : attempts;
    const attempt = await Delivery.attempt(delivery, counted);
    await Delivery.report(attempt.outcome, attempts);
    return attempt;
  });
}
