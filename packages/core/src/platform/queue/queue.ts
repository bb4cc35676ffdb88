import type { DeleteMessageBatchCommandOutput, SQSClient, SendMessageBatchCommandOutput } from "@aws-sdk/client-sqs";
import { Config } from "../config.ts";
import { assertNoConnectionInUse } from "../db/scope.ts";
import { gather } from "../gather.ts";
import { type QueueName, URL_VARIABLES } from "./queues.ts";
import { onReset } from "../reset.ts";

/**
 * The body of a message as JSON, with non-BMP characters, U+FFFE and U+FFFF escaped to plain ASCII. Members' texts may contain them, but SQS
 * rejects U+FFFE and U+FFFF, and the emulator rejects everything beyond U+FFFF, so that such a message could never be sent.
 */
export function toBody(message: object): string {
  return JSON.stringify(message).replaceAll(
    /[\ud800-\udfff\ufffe\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
  );
}

export interface Outgoing {
  /** The body as a string, see {@link toBody}. */
  readonly body: string;
  /** Delay of the message, 0–900 s; not for a FIFO queue. */
  readonly delaySeconds?: number;
  /**
   * Required for a FIFO queue: messages of one group arrive in order; a second message with the same id within 5 minutes is dropped.
   */
  readonly fifo?: { readonly group: string; readonly id: string };
}

export interface Incoming {
  readonly messageId: string;
  readonly body: string;
  readonly receiptHandle: string;
  /** The number of receives of this message, including this one. */
  readonly receiveCount: number;
  /** The message group on a FIFO queue. */
  readonly group?: string;
  /** Time when the message was sent, in milliseconds since 1970. */
  readonly sentAtMs?: number;
}

/** The operations on queues. {@link use} replaces SQS. */
export interface Transport {
  send(queue: QueueName, message: Outgoing): Promise<void>;
  /** Waits up to `waitSeconds` for at most `most` messages, default 10. */
  receive(queue: QueueName, waitSeconds: number, signal?: AbortSignal, most?: number): Promise<Incoming[]>;
  remove(queue: QueueName, message: Incoming): Promise<void>;
  /** Hides a received message for the given number of seconds (0–43,200) from now. */
  hide(queue: QueueName, message: Incoming, seconds: number): Promise<void>;
  ping(queue: QueueName): Promise<void>;
}

let transport: Transport | undefined;

/** The transport of this process: SQS unless replaced by {@link use}. */
export function get(): Transport {
  assertNoConnectionInUse("queue");
  transport ??= sqs();
  return transport;
}

/** Replaces the transport (simulation); undefined restores SQS. */
export function use(other: Transport | undefined): void {
  transport = other;
}
onReset(() => use(undefined));

interface Sdk {
  readonly sdk: typeof import("@aws-sdk/client-sqs");
  readonly client: SQSClient;
}

function sqs(): Transport {
  let opening: Promise<Sdk> | undefined;
  const open = () => {
    opening ??= import("@aws-sdk/client-sqs").then((sdk) => ({ sdk, client: new sdk.SQSClient(clientOptions()) }));
    return opening;
  };
  const sendGathered = forEachQueue((queue) => gather(sendAll(queue, open), AT_ONCE, mayBeSentWith));
  const removeGathered = forEachQueue((queue) => gather(removeAll(queue, open), AT_ONCE));
  return {
    async send(queue, message) {
      await sendGathered(queue)(message);
    },
    async receive(queue, waitSeconds, signal, most = 10) {
      const { sdk, client } = await open();
      const answer = await client.send(
        new sdk.ReceiveMessageCommand({
          QueueUrl: urlOf(queue),
          MaxNumberOfMessages: most,
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ["ApproximateReceiveCount", "MessageGroupId", "SentTimestamp"],
        }),
        signal ? { abortSignal: signal } : {},
      );
      return (answer.Messages ?? []).map((message) => {
        const group = message.Attributes?.MessageGroupId;
        const sentAt = message.Attributes?.SentTimestamp;
        return {
          messageId: message.MessageId ?? "",
          body: message.Body ?? "",
          receiptHandle: message.ReceiptHandle ?? "",
          receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
          ...(group === undefined ? {} : { group }),
          ...(sentAt === undefined ? {} : { sentAtMs: Number(sentAt) }),
        };
      });
    },
    async remove(queue, message) {
      await removeGathered(queue)(message);
    },
    async hide(queue, message, seconds) {
      const { sdk, client } = await open();
      await client.send(
        new sdk.ChangeMessageVisibilityCommand({
          QueueUrl: urlOf(queue),
          ReceiptHandle: message.receiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    },
    async ping(queue) {
      const { sdk, client } = await open();
      await client.send(new sdk.GetQueueAttributesCommand({ QueueUrl: urlOf(queue), AttributeNames: ["QueueArn"] }));
    },
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

/** Sends only one message of a group at a time: SQS could reject the first message of a batch and accept the second. */
const mayBeSentWith = (message: Outgoing, others: readonly Outgoing[]) =>
  others.every((other) => message.fifo === undefined || other.fifo?.group !== message.fifo.group) &&
  [message, ...others].reduce((bytes, { body }) => bytes + Buffer.byteLength(body), 0) < BYTES_AT_ONCE;

/** Sends messages with one call, since a call of the SDK takes as much CPU time as the act behind the message. */
const sendAll =
  (queue: QueueName, open: () => Promise<Sdk>) =>
  async (messages: readonly Outgoing[]): Promise<(Error | undefined)[]> => {
    const { sdk, client } = await open();
    const [first] = messages;
    if (first && messages.length === 1) {
      await client.send(new sdk.SendMessageCommand({ QueueUrl: urlOf(queue), ...toInput(first) }));
      return [undefined];
    }
    const entries = messages.map((message, index) => ({ Id: String(index), ...toInput(message) }));
    const answer = await client.send(new sdk.SendMessageBatchCommand({ QueueUrl: urlOf(queue), Entries: entries }));
    return resultsOf(`the queue ${queue} refused a message`, entries, answer);
  };

/** Removes messages with one call. */
const removeAll =
  (queue: QueueName, open: () => Promise<Sdk>) =>
  async (messages: readonly Incoming[]): Promise<(Error | undefined)[]> => {
    const { sdk, client } = await open();
    const entries = messages.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
    const [first] = entries;
    if (first && entries.length === 1) {
      const input = { QueueUrl: urlOf(queue), ReceiptHandle: first.ReceiptHandle };
      await client.send(new sdk.DeleteMessageCommand(input));
      return [undefined];
    }
    const answer = await client.send(new sdk.DeleteMessageBatchCommand({ QueueUrl: urlOf(queue), Entries: entries }));
    return resultsOf(`the queue ${queue} did not remove a message`, entries, answer);
  };

/** The errors of a batch's entries: one for each entry that SQS has not listed as successful. */
function resultsOf(
  failure: string,
  entries: readonly { readonly Id: string }[],
  {
    Successful = [],
    Failed = [],
  }: Pick<SendMessageBatchCommandOutput | DeleteMessageBatchCommandOutput, "Successful" | "Failed">,
): (Error | undefined)[] {
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

function clientOptions() {
  const config = Config.section("queue");
  return {
    region: config.AWS_REGION,
    maxAttempts: 3,
    /**
     * The configured endpoint decides, not the host in the queue's URL: a tenant stage reaches SQS over IPv6, development over loopback.
     */
    useQueueUrlAsEndpoint: false,
    ...(config.SQS_ENDPOINT ? { endpoint: config.SQS_ENDPOINT } : {}),
    ...(config.S3_ACCESS_KEY && config.S3_SECRET_KEY && config.SQS_ENDPOINT
      ? { credentials: { accessKeyId: config.S3_ACCESS_KEY, secretAccessKey: config.S3_SECRET_KEY } }
      : {}),
  };
}

function urlOf(queue: QueueName): string {
  const name = URL_VARIABLES[queue];
  const url = Config.section("queue")[name];
  if (url === undefined) throw new Config.ConfigError([`${name} is not set`]);
  return url;
}

export * as Queue from "./queue.ts";
