import * as v from "valibot";
import { Config } from "../config.ts";
import { gather } from "../gather.ts";
import type { Incoming, Outgoing, Transport } from "./queue.ts";
import { type QueueName, URL_VARIABLES } from "./queues.ts";
import { type SqsCall, sqsClient } from "./sqs-client.ts";

const Received = v.object({
  Messages: v.optional(
    v.array(
      v.object({
        MessageId: v.string(),
        Body: v.string(),
        ReceiptHandle: v.string(),
        Attributes: v.optional(
          v.object({
            ApproximateReceiveCount: v.optional(v.string()),
            MessageGroupId: v.optional(v.string()),
            SentTimestamp: v.optional(v.string()),
          }),
          {},
        ),
      }),
    ),
    [],
  ),
});
/** The results of a batch. */
const Results = v.object({
  Successful: v.optional(v.array(v.object({ Id: v.string() })), []),
  Failed: v.optional(v.array(v.object({ Id: v.string(), Code: v.optional(v.string()) })), []),
});

/** The transport of queues over SQS. */
export function openSqs(): Transport {
  const call = sqsClient();
  const sendGathered = forEachQueue((queue) => gather(sendAll(queue, call), AT_ONCE, mayBeSentWith));
  const removeGathered = forEachQueue((queue) => gather(removeAll(queue, call), AT_ONCE));
  return {
    send: (queue, message) => sendGathered(queue)(message),
    receive: async (queue, waitSeconds, signal, most = 10) => {
      const input = {
        QueueUrl: urlOf(queue),
        MaxNumberOfMessages: most,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ["ApproximateReceiveCount", "MessageGroupId", "SentTimestamp"],
      };
      return v.parse(Received, await call("ReceiveMessage", input, { waitSeconds, signal })).Messages.map(toIncoming);
    },
    remove: (queue, message) => removeGathered(queue)(message),
    hide: async (queue, { receiptHandle }, seconds) => {
      const input = { QueueUrl: urlOf(queue), ReceiptHandle: receiptHandle, VisibilityTimeout: seconds };
      await call("ChangeMessageVisibility", input);
    },
    ping: async (queue) => {
      await call("GetQueueAttributes", { QueueUrl: urlOf(queue), AttributeNames: ["QueueArn"] });
    },
  };
}

function toIncoming(message: v.InferOutput<typeof Received>["Messages"][number]): Incoming {
  const { ApproximateReceiveCount, MessageGroupId, SentTimestamp } = message.Attributes;
  return {
    messageId: message.MessageId,
    body: message.Body,
    receiptHandle: message.ReceiptHandle,
    receiveCount: Number(ApproximateReceiveCount ?? 1),
    ...(MessageGroupId === undefined ? {} : { group: MessageGroupId }),
    ...(SentTimestamp === undefined ? {} : { sentAtMs: Number(SentTimestamp) }),
  };
}

/** Creates one object for each queue, when it is first needed. */
function forEachQueue<T>(make: (queue: QueueName) => T): (queue: QueueName) => T {
  const made = new Map<QueueName, T>();
  return (queue) => {
    const one = made.get(queue) ?? make(queue);
    made.set(queue, one);
    return one;
  };
}

/** Maximum of SQS for one call (docs.aws.amazon.com, SendMessageBatch). SQS also limits the call to 1 MiB, the maximum size of one event. */
const AT_ONCE = 10;
const BYTES_AT_ONCE = 128 * 1024;

/**
 * Puts only one message of a group into a batch: SQS could reject the first message of a batch and accept the second,
 * which would then overtake it.
 */
const mayBeSentWith = (message: Outgoing, others: readonly Outgoing[]) =>
  others.every((other) => message.fifo === undefined || other.fifo?.group !== message.fifo.group) &&
  [message, ...others].reduce((bytes, { body }) => bytes + Buffer.byteLength(body), 0) < BYTES_AT_ONCE;

/** Sends messages with one call, since a call takes as much CPU time as the delivery of an event. */
const sendAll =
  (queue: QueueName, call: SqsCall) =>
  async (messages: readonly Outgoing[]): Promise<(undefined | Error)[]> => {
    const [first] = messages;
    if (first && messages.length === 1) {
      await call("SendMessage", { QueueUrl: urlOf(queue), ...toInput(first) });
      return [undefined];
    }
    const entries = messages.map((message, index) => ({ Id: String(index), ...toInput(message) }));
    const answer = await call("SendMessageBatch", { QueueUrl: urlOf(queue), Entries: entries });
    return resultsOf(`the queue ${queue} refused a message`, entries, answer);
  };

/** Removes messages with one call. */
const removeAll =
  (queue: QueueName, call: SqsCall) =>
  async (messages: readonly Incoming[]): Promise<(undefined | Error)[]> => {
    const entries = messages.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
    const [first] = entries;
    if (first && entries.length === 1) {
      await call("DeleteMessage", { QueueUrl: urlOf(queue), ReceiptHandle: first.ReceiptHandle });
      return [undefined];
    }
    const answer = await call("DeleteMessageBatch", { QueueUrl: urlOf(queue), Entries: entries });
    return resultsOf(`the queue ${queue} did not remove a message`, entries, answer);
  };

/** The errors of a batch's entries: one for each entry that SQS has not listed as successful. */
function resultsOf(failure: string, entries: readonly { readonly Id: string }[], answer: unknown) {
  const { Successful, Failed } = v.parse(Results, answer);
  const done = new Set(Successful.map(({ Id }) => Id));
  const codes = new Map(Failed.map(({ Id, Code }) => [Id, Code]));
  return entries.map(({ Id }) => (done.has(Id) ? undefined : new Error(`${failure}: ${codes.get(Id) ?? "no answer"}`)));
}

const toInput = ({ body, delaySeconds, fifo }: Outgoing) => ({
  MessageBody: body,
  DelaySeconds: delaySeconds,
  MessageGroupId: fifo?.group,
  MessageDeduplicationId: fifo?.id,
});

function urlOf(queue: QueueName): string {
  const name = URL_VARIABLES[queue];
  const url = Config.section("queue")[name];
  if (url === undefined) throw new Config.ConfigError([`${name} is not set`]);
  return url;
}
