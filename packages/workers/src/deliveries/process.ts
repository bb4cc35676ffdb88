import { ATTEMPTS_BEFORE_DEAD, Breaker, Delivery, DeliverySwitch, RateLimiter } from "@gotong/core/webhook/index.ts";
import { DeliveryMessage } from "@gotong/core/outbox/index.ts";
import type { Incoming } from "@gotong/core/platform/queue/index.ts";
import { onReset } from "@gotong/core/platform/reset.ts";
import { type Worker, asSystem, parseBody } from "../batch.ts";

/**
 * Maximum time for which a function waits for the rate limiter. For a longer wait the message returns to the queue,
 * where waiting costs nothing.
 */
const LONGEST_WAIT_MS = 10_000;

/** Number of concurrent batches of a pod. A batch has ten events, so at most 60 events are sent at a time. */
const DELIVERY_BATCHES = 6;

/** Sends one event to Markov, using only the message, and sends the outcome before the message is acknowledged. */
export const deliveries = {
  queue: "deliveries",
  loops: DELIVERY_BATCHES,
  isPaused: DeliverySwitch.isPaused,
  // An hour: Markov is unavailable for minutes from time to time, which needs no operator, since deliveries are retried
  // for three days.
  stuckAfterSeconds: 3600,
  onPutBack: discount,
  process: async (message: Incoming): Promise<number | undefined> => {
    const event = parseBody(DeliveryMessage, message);
    const longestMs = Breaker.pausedForSeconds() > 0 ? 0 : LONGEST_WAIT_MS;
    const waitMs = await RateLimiter.wait(longestMs, new Date(event.created_at));
    const pausedForSeconds = Breaker.pausedForSeconds(); // the circuit breaker may have opened meanwhile
    if (pausedForSeconds > 0 || waitMs > 0) {
      discount(message);
      return Math.max(pausedForSeconds, Math.ceil(waitMs / 1000));
    }
    const attempts = attemptsOf(message);
    const attempt = await deliver(event, attempts, Breaker.isOpen());
    if (await Breaker.record(attempt, event.subject, attempts)) await Breaker.open(event);
    return attempt.retryInSeconds;
  },
} satisfies Worker;

/**
 * Makes one attempt to deliver an event, and sends the outcome.
 * @param attempts the number of attempts made, including this one
 * @param isOutage whether Markov fails for all events: then no event is dead-lettered because of its age, and none waits
 * longer than about 17 minutes (2^10 s) for its next attempt
 */
export function deliver(event: DeliveryMessage, attempts: number, isOutage: boolean): Promise<Delivery.Attempt> {
  return asSystem("deliveries", event.request_id, async () => {
    const counted = isOutage ? Math.min(attempts, ATTEMPTS_BEFORE_DEAD - 1) : attempts;
    const attempt = await Delivery.attempt(event, counted);
    await Delivery.sendOutcome(attempt.outcome, attempts);
    return attempt;
  });
}

/**
 * Upper limit of the messages in the map below. For a message that was removed from the map, every receive counts as an
 * attempt.
 */
const MAX_MESSAGES = 10_000;

/**
 * SQS counts receives of a message, not attempts to deliver it: a received message is not attempted while the rate
 * limiter or the circuit breaker forbids attempts. This map counts such receives by message id, as far as this process
 * knows of them.
 */
const discounted = new Map<string, number>();

/** Records that this receive of a message was not an attempt. */
function discount({ messageId }: Incoming): void {
  const before = discounted.get(messageId) ?? 0;
  discounted.delete(messageId);
  discounted.set(messageId, before + 1);
  const [oldest] = discounted.size > MAX_MESSAGES ? discounted.keys() : [];
  if (oldest !== undefined) discounted.delete(oldest);
}

/** The number of attempts of a message, including the present one. A new process may count too many attempts, but never too few. */
export function attemptsOf({ messageId, receiveCount }: Incoming): number {
  return Math.max(1, receiveCount - (discounted.get(messageId) ?? 0));
}

/** Resets these counts to the state of a new process (tests, simulation). */
export function forgetReceives(): void {
  discounted.clear();
}
onReset(forgetReceives);
