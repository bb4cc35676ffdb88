import * as v from "valibot";
import { Actor } from "@gotong/core/actor.ts";
import { Log } from "@gotong/core/log.ts";
import type { Incoming, Queue } from "@gotong/core/queue/index.ts";

/**
 * What a worker does with one message of its queue. Resolves to `undefined` when the message is done with; to a number of
 * seconds when it is to come back then; throws when it is to come back by itself.
 */
export interface Worker {
  readonly queue: Queue;
  readonly process: (message: Incoming) => Promise<number | undefined>;
}

/** The fate of one message: done, or to be received again (at a time of our choice when `retryInSeconds` is given). */
export interface Fate {
  readonly message: Incoming;
  readonly isDone: boolean;
  readonly retryInSeconds?: number;
}

/**
 * Runs a worker over a batch and tells each message's fate by its id. Messages of one group go in order, and none of them after
 * one that is to come back; different groups do not wait for one another.
 */
export async function runBatch(worker: Worker, messages: readonly Incoming[]): Promise<Fate[]> {
  const groups = Map.groupBy(messages, (message) => message.group ?? message.messageId);
  const fates = await Promise.all([...groups.values()].map((group) => runGroup(worker, group)));
  return fates.flat();
}

async function runGroup(worker: Worker, group: readonly Incoming[]): Promise<Fate[]> {
  const fates: Fate[] = [];
  for (const message of group) {
    const isBehindFailure = fates.some((fate) => !fate.isDone);
    fates.push(isBehindFailure ? { message, isDone: false } : await runOne(worker, message));
  }
  return fates;
}

async function runOne(worker: Worker, message: Incoming): Promise<Fate> {
  try {
    const retryInSeconds = await worker.process(message);
    return retryInSeconds === undefined ? { message, isDone: true } : { message, isDone: false, retryInSeconds };
  } catch (error) {
    Log.error("message failed and will come back", error, {
      queue: worker.queue,
      message_id: message.messageId,
      receive_count: message.receiveCount,
    });
    return { message, isDone: false };
  }
}

/**
 * Takes a body apart by its schema. A body that does not fit can never be processed: it throws each time, until the queue
 * moves the message to its dead-letter queue.
 */
export function parseBody<S extends v.GenericSchema>(schema: S, message: Incoming): v.InferOutput<S> {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), message.body);
  if (!result.success) {
    const paths = [...new Set(result.issues.map((issue) => v.getDotPath(issue) ?? "body"))].join(", ");
    Log.warn("message body is not understood", { message_id: message.messageId, fields: paths });
    throw new Error("the message body does not fit its schema");
  }
  return result.output;
}

/** Runs `work` as a part of the platform, under the request id of the act that caused the message. */
export function asSystem<T>(name: string, requestId: string, work: () => Promise<T>): Promise<T> {
  return Actor.run({ type: "system", name }, requestId, work);
}
