import * as v from "valibot";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import {
  type Incoming,
  Queue,
  type QueueName,
  type WorkQueue,
  visibilityTimeoutSeconds,
} from "@gotong/core/platform/queue/index.ts";

interface Common {
  readonly queue: WorkQueue;
  /** Number of batches that a long-running process handles concurrently; default 1. */
  readonly loops?: number;
  /** Whether a long-running process must not receive messages now. */
  readonly isPaused?: () => Promise<boolean>;
  /** Time for which a message may fail before an operator alarm is raised; default {@link STUCK_AFTER_SECONDS}. */
  readonly stuckAfterSeconds?: number;
}

/**
 * Processes one message. Resolves to `undefined` to acknowledge the message, or to the number of seconds after which it is retried; throws to
 * have the message retried after the visibility timeout.
 */
interface SingleWorker extends Common {
  readonly process: (message: Incoming) => Promise<number | undefined>;
  /** Called for a message that is put back unprocessed because an earlier message of its group failed. */
  readonly onPutBack?: (message: Incoming) => void;
}

/**
 * Processes a batch as a whole: all messages are acknowledged or all are retried. Must not throw because of a single bad message.
 */
interface BatchWorker extends Common {
  readonly processAll: (messages: readonly Incoming[]) => Promise<void>;
}

export type Worker = SingleWorker | BatchWorker;

/**
 * The result of one message: it is acknowledged, or will be received again after `retryInSeconds`, by default after the visibility timeout.
 */
export interface MessageResult {
  readonly message: Incoming;
  readonly isDone: boolean;
  readonly retryInSeconds?: number;
}

/**
 * Age after which a failing message raises an operator alarm. CloudWatch's age of the oldest message ignores messages received three times or
 * more (SQS Developer Guide, "Available CloudWatch metrics"), so a message that keeps failing is invisible there after seconds.
 */
const STUCK_AFTER_SECONDS = 900;

/** The delay before a failed batch is retried: 2 s, 4 s, … 15 minutes. */
const retryDelaySeconds = (receiveCount: number) => Math.min(900, 2 ** Math.min(receiveCount, 10));

/** A message whose body can never be processed. */
export class UnprocessableMessage extends Error {}

/**
 * Runs a worker over a batch. Messages of one group are processed in order, and none after a message that must be retried. Groups do not wait
 * for each other.
 * @param acknowledge called with each result as soon as it is known
 * @returns the result of every message
 */
export async function runBatch(
  worker: Worker,
  messages: readonly Incoming[],
  acknowledge: (result: MessageResult) => Promise<void> = async () => undefined,
): Promise<MessageResult[]> {
  const results = await resultsOf(worker, messages, acknowledge);
  for (const result of results)
    if (isStuck(worker, result)) Metrics.count("webhook_operator_needed_total", { reason: "stuck" });
  return results;
}

async function resultsOf(
  worker: Worker,
  messages: readonly Incoming[],
  acknowledge: (result: MessageResult) => Promise<void>,
): Promise<MessageResult[]> {
  if ("processAll" in worker) return runAll(worker, messages, acknowledge);
  const groups = Map.groupBy(messages, (message) => message.group ?? message.messageId);
  const ended = await Promise.allSettled([...groups.values()].map((group) => runGroup(worker, group, acknowledge)));
  return ended.flatMap((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}

const isStuck = (worker: Common, { isDone, message }: MessageResult): boolean =>
  !isDone &&
  message.sentAtMs !== undefined &&
  Clock.now().getTime() - message.sentAtMs > (worker.stuckAfterSeconds ?? STUCK_AFTER_SECONDS) * 1000;

async function runGroup(
  worker: SingleWorker,
  group: readonly Incoming[],
  acknowledge: (result: MessageResult) => Promise<void>,
): Promise<MessageResult[]> {
  const results: MessageResult[] = [];
  // The latest time at which the work on a message may begin. A message that begins later could become visible again,
  // for another consumer, before it is finished.
  const lastStart = Clock.now().getTime() + (visibilityTimeoutSeconds(worker.queue) * 1000) / 2;
  for (const message of group) {
    // SQS returns no message of a group while one of them is hidden, so the rest of the group gets the same delay.
    const failure =
      results.findLast((result) => !result.isDone) ??
      (Clock.now().getTime() > lastStart ? { isDone: false, retryInSeconds: 0 } : undefined);
    if (failure) worker.onPutBack?.(message);
    const result = failure ? { ...failure, message } : await runOne(worker, message);
    await acknowledge(result);
    results.push(result);
  }
  return results;
}

/**
 * Removes processed messages from the queue and hides messages that will be retried later. For consumers that receive messages themselves,
 * without a Lambda trigger.
 */
export const acknowledgeWith =
  (queue: QueueName) =>
  async ({ message, isDone, retryInSeconds }: MessageResult): Promise<void> => {
    if (isDone) await Queue.get().remove(queue, message);
    else if (retryInSeconds !== undefined) await Queue.get().hide(queue, message, retryInSeconds);
  };

async function runOne(worker: SingleWorker, message: Incoming): Promise<MessageResult> {
  try {
    const retryInSeconds = await worker.process(message);
    return retryInSeconds === undefined ? { message, isDone: true } : { message, isDone: false, retryInSeconds };
  } catch (error) {
    return {
      message,
      isDone:
        error instanceof UnprocessableMessage
          ? await sendToDeadLetterQueue(worker.queue, message)
          : failed(worker, message, error),
    };
  }
}

async function runAll(
  worker: BatchWorker,
  messages: readonly Incoming[],
  acknowledge: (result: MessageResult) => Promise<void>,
): Promise<MessageResult[]> {
  let isDone = true;
  try {
    await worker.processAll(messages);
  } catch (error) {
    for (const message of messages) isDone = failed(worker, message, error);
  }
  const results = messages.map((message) => ({
    message,
    isDone,
    ...(isDone ? {} : { retryInSeconds: retryDelaySeconds(message.receiveCount) }),
  }));
  for (const result of results) await acknowledge(result);
  return results;
}

function failed(worker: Common, message: Incoming, error: unknown): false {
  Log.error("message failed and will be retried", error, {
    queue: worker.queue,
    message_id: message.messageId,
    receive_count: message.receiveCount,
  });
  return false;
}

/**
 * Parses the body of a message.
 * @throws UnprocessableMessage when the body does not fit the schema; a retry would not help
 */
export function parseBody<S extends v.GenericSchema>(schema: S, message: Incoming): v.InferOutput<S> {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), message.body);
  if (result.success) return result.output;
  const paths = [...new Set(result.issues.map((issue) => v.getDotPath(issue) ?? "body"))].join(", ");
  throw new UnprocessableMessage(paths);
}

/**
 * Moves a message that can never be processed to the dead-letter queue, with the reason. @returns whether it was moved
 */
export async function sendToDeadLetterQueue(
  queue: WorkQueue,
  message: Incoming,
  reason = "the message body does not fit its schema",
): Promise<boolean> {
  const deadLetter = { queue, reason, body: message.body };
  try {
    await Queue.get().send("dead", { body: Queue.toBody(deadLetter) });
    Metrics.count("webhook_operator_needed_total", { reason: "dead" });
    Log.warn(reason, { queue, message_id: message.messageId });
    return true;
  } catch (error) {
    return failed({ queue }, message, error);
  }
}

/** Runs `work` as a system actor, with the id of the API request that caused the message. */
export function asSystem<T>(name: string, requestId: string, work: () => Promise<T>): Promise<T> {
  return Actor.run({ type: "system", name }, requestId, work);
}
