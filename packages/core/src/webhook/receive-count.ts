import type { Incoming } from "../platform/queue/index.ts";
import { onReset } from "../platform/reset.ts";

/** At most this many messages are remembered; of forgotten ones every receive counts as an attempt. */
const MAX_MESSAGES = 10_000;

/**
 * SQS counts receives. Attempts are fewer: a message that was received while the rate limiter or the breaker refused a
 * slot was not attempted. This map counts those receives, as far as this process saw them, by message id.
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

/** The number of attempts of a message, the present one included. A new process may count too many, never too few. */
export function attempts({ messageId, receiveCount }: Incoming): number {
  return Math.max(1, receiveCount - (discounted.get(messageId) ?? 0));
}

/** Returns to the state of a new process (tests, simulation). */
export function reset(): void {
  discounted.clear();
}
onReset(reset);

export * as ReceiveCount from "./receive-count.ts";
