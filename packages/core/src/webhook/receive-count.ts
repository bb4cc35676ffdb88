import type { Incoming } from "../platform/queue/index.ts";

/** At most this many messages are remembered; of forgotten ones every receive counts as an attempt. */
const REMEMBERED = 10_000;

/**
 * SQS counts receives. Attempts are fewer: a message that was received while the rate limiter or the breaker refused a
 * slot was not attempted. This map counts those receives, as far as this process saw them, by message id.
 */
const idle = new Map<string, number>();

/** Records that this receive of a message was not an attempt. */
export function skip({ messageId }: Incoming): void {
  const before = idle.get(messageId) ?? 0;
  idle.delete(messageId);
  idle.set(messageId, before + 1);
  const [oldest] = idle.size > REMEMBERED ? idle.keys() : [];
  if (oldest !== undefined) idle.delete(oldest);
}

/** The number of attempts of a message, the present one included. A new process may count too many, never too few. */
export function attemptsOf({ messageId, receiveCount }: Incoming): number {
  return Math.max(1, receiveCount - (idle.get(messageId) ?? 0));
}

/** Returns to the state of a new process (tests, simulation). */
export function reset(): void {
  idle.clear();
}

export * as Receives from "./receive-count.ts";
