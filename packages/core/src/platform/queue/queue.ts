import { assertNoConnectionInUse } from "../db/scope.ts";
import { lazy } from "../lazy.ts";
import type { QueueName } from "./queues.ts";
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

/** SQS, whose client is loaded at the first call. */
function sqs(): Transport {
  const load = lazy(() => import("./sqs.ts").then(({ openSqs }) => openSqs()));
  return {
    send: async (...call) => (await load()).send(...call),
    receive: async (...call) => (await load()).receive(...call),
    remove: async (...call) => (await load()).remove(...call),
    hide: async (...call) => (await load()).hide(...call),
    ping: async (...call) => (await load()).ping(...call),
  };
}

export * as Queue from "./queue.ts";
