import type { InvokeCommandInput } from "@aws-sdk/client-lambda";
import { Config } from "@gotong/core/platform/config.ts";
import { lambda } from "@gotong/core/platform/lambda-client.ts";
import { type Incoming, Queue } from "@gotong/core/platform/queue/index.ts";
import { type Dispatched, Sweep } from "@gotong/core/outbox/index.ts";
import { onReset } from "@gotong/core/platform/reset.ts";
import { type Worker, acknowledgeWith, runBatch } from "./batch.ts";

/** Maximum number of messages that one sweep passes to functions. Another sweep passes the next ones. */
const MOST = 50;
/**
 * Delay of the sweep that reads the queue again in case the function crashed: longer than the visibility timeout of a probe (infra/queues.ts:
 * 270 s). A lost examination is found in the database instead (`EvidenceQueue.enqueueOverdue`).
 */
const AGAIN_SECONDS = 300;

/** Starts the function of a queue with a message, asynchronously. */
type Invoke = (queue: Dispatched, message: Incoming) => Promise<void>;
let invoke: Invoke = invokeLambda;

/** Replaces Lambda (simulation, tests); undefined restores it. */
export function use(other: Invoke | undefined): void {
  invoke = other ?? invokeLambda;
}
onReset(() => use(undefined));

/**
 * Passes the visible messages of a queue without a trigger to the queue's function. The function itself removes a
 * message when it is processed ({@link runDispatched}), so that no message is lost when the function crashes.
 */
export async function dispatch(queue: Dispatched): Promise<void> {
  for (let handed = 0; handed < MOST; handed += 1) {
    const [message] = await Queue.get().receive(queue, 1, undefined, 1); // uses long polling, since a short poll may miss messages
    if (message === undefined) return;
    if (queue === "breaker") await Sweep.send(AGAIN_SECONDS, queue);
    await invoke(queue, message);
  }
  await Sweep.send(0, queue);
}

/**
 * Processes messages with which the sweep has invoked the function.
 * @throws Error when a message failed without a retry delay; Lambda then repeats the invocation
 */
export async function runDispatched(worker: Worker, queue: Dispatched, messages: readonly Incoming[]): Promise<void> {
  const results = await runBatch(worker, messages, async (result) => {
    // The sweep is sent first: if the message were hidden without a sweep, nothing would read it again.
    if (result.retryInSeconds !== undefined) await Sweep.send(result.retryInSeconds + 1, queue);
    await acknowledgeWith(queue)(result);
  });
  if (results.some(({ isDone, retryInSeconds }) => !isDone && retryInSeconds === undefined))
    throw new Error(`a message of ${queue} failed`);
}

async function invokeLambda(queue: Dispatched, message: Incoming): Promise<void> {
  const { EVIDENCE_FUNCTION, BREAKER_FUNCTION } = Config.section("queue");
  const name = queue === "evidence" ? EVIDENCE_FUNCTION : BREAKER_FUNCTION;
  if (name === undefined) throw new Config.ConfigError([`${queue.toUpperCase()}_FUNCTION is not set`]);
  const { sdk, client } = await lambda("lambda");
  const { messageId, receiptHandle, body, receiveCount, group } = message;
  const record = {
    messageId,
    receiptHandle,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      ...(group === undefined ? {} : { MessageGroupId: group }),
    },
  };
  const input: InvokeCommandInput = {
    FunctionName: name,
    InvocationType: "Event",
    Payload: JSON.stringify({ Records: [record], dispatchedFrom: queue }),
  };
  await client.send(new sdk.InvokeCommand(input));
}

export * as Dispatch from "./dispatch.ts";
