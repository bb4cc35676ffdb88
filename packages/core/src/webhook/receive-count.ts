import type { Incoming } from "../platform/queue/index.ts";
import { onReset } from "../platform/reset.ts";

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
export function discount({ messageId }: Incoming): void {
  const before = discounted.get(messageId) ?? 0;
  discounted.delete(messageId);
  discounted.set(messageId, before + 1);
  const [oldest] = discounted.size > MAX_MESSAGES ? discounted.keys() : [];
  if (oldest !== undefined) discounted.delete(oldest);
}

/** The number of attempts of a message, including the present one. A new process may count too many attempts, but never too few. */
export function attempts({ messageId, receiveCount }: Incoming): number {
  return Math.max(1, receiveCount - (discounted.get(messageId) ?? 0));
}

/** Resets the module to the state of a new process (tests, simulation). */
export function reset(): void {
  discounted.clear();
}
onReset(reset);

export * as ReceiveCount from "./receive-count.ts";
