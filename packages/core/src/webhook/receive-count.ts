import type { Incoming } from "../platform/queue/index.ts";

/** Messages that are remembered; the oldest are forgotten, and then their receives count as attempts. */
const REMEMBERED = 10_000;

/**
 * SQS counts how often a message was received; attempts are fewer, as a message whose turn did not come was received and not
 * attempted. What this process has seen of that is kept here, by message id.
 */
const idle = new Map<string, number>();

/** Takes note that this receive of a message was no attempt. */
export function skip({ messageId }: Incoming): void {
  const before = idle.get(messageId) ?? 0;
  idle.delete(messageId);
  idle.set(messageId, before + 1);
  const [oldest] = idle.size > REMEMBERED ? idle.keys() : [];
  if (oldest !== undefined) idle.delete(oldest);
}

/** How many attempts were made of a message, the present one included; too many rather than too few, where a process was new. */
export function attemptsOf({ messageId, receiveCount }: Incoming): number {
  return Math.max(1, receiveCount - (idle.get(messageId) ?? 0));
}

/** Begins as a new process does. */
export function reset(): void {
  idle.clear();
}

export * as Receives from "./receive-count.ts";
