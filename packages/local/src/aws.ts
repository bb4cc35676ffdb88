import type { AddressInfo } from "node:net";
import { startFauxqs } from "fauxqs";
import {
  QUEUES,
  type QueueName,
  URL_VARIABLES,
  deadLetterQueueOf,
  factsOf,
  isFifo,
} from "@gotong/core/platform/queue/index.ts";
import { startS3Proxy } from "./s3-proxy.ts";

/** The emulator accepts any credentials; the proxy in front of it checks signatures made with these. */
export const CREDENTIALS = { accessKey: "local", secretKey: "local-emulator" };
export const BUCKET = "gotong-royong-evidence";
const ACCOUNT = "000000000000";

export interface Aws {
  readonly endpoint: string;
  /** The URL of each queue, by the name of its environment variable. */
  readonly queueVariables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface Options {
  /** 0 for any free port. */
  readonly port: number;
  /** Directory for objects; if absent, objects are in memory. */
  readonly storageDir?: string;
  /** Directory for messages; if absent, messages are in memory, which is safe, since the outbox sends them again. */
  readonly queueDir?: string;
  /** The default visibility timeout; 30 s if omitted. */
  readonly visibilitySeconds?: number;
}

/** Starts S3 and SQS emulators behind one loopback port, with the bucket and the queues of the platform. */
export async function startAws(options: Options): Promise<Aws> {
  const backend = await startFauxqs({
    port: 0,
    host: "127.0.0.1",
    logger: false,
    ...(options.queueDir ? { dataDir: options.queueDir } : {}),
    ...(options.storageDir ? { s3StorageDir: options.storageDir } : {}),
  });
  backend.createBucket(BUCKET);
  // Creates the dead-letter queues first, since the other queues refer to them.
  for (const queue of QUEUES.toReversed()) createQueue(backend, queue, options.visibilitySeconds ?? 30);
  const proxy = await startS3Proxy({
    port: options.port,
    backend: new URL(`http://127.0.0.1:${backend.port}`),
    secretKey: CREDENTIALS.secretKey,
  });
  const endpoint = `http://127.0.0.1:${portOf(proxy.address())}`;
  return {
    endpoint,
    queueVariables: queueVariables(endpoint),
    stop: async () => {
      proxy.closeAllConnections();
      await new Promise((closed) => proxy.close(closed));
      await backend.stop();
    },
  };
}

/** Returns the URL of each queue of an emulator at `endpoint`, by the name of its environment variable. */
export function queueVariables(endpoint: string): Readonly<Record<string, string>> {
  return Object.fromEntries(QUEUES.map((queue) => [URL_VARIABLES[queue], `${endpoint}/${ACCOUNT}/${nameOf(queue)}`]));
}

const nameOf = (queue: QueueName) => (isFifo(queue) ? `${queue}.fifo` : queue);
const portOf = (address: AddressInfo | string | null) => (typeof address === "object" && address ? address.port : 0);

function createQueue(
  backend: Awaited<ReturnType<typeof startFauxqs>>,
  queue: QueueName,
  visibilitySeconds: number,
): void {
  if (backend.inspectQueue(nameOf(queue))) return; // the queue exists from an earlier run, with its messages
  const isWork = queue !== "dead" && queue !== "dead_deliveries";
  const redrive =
    isWork &&
    JSON.stringify({
      deadLetterTargetArn: `arn:aws:sqs:us-east-1:${ACCOUNT}:${nameOf(deadLetterQueueOf(queue))}`,
      maxReceiveCount: String(factsOf(queue).receives),
    });
  backend.createQueue(nameOf(queue), {
    attributes: {
      ...(isFifo(queue) && { FifoQueue: "true" }),
      VisibilityTimeout: String(visibilitySeconds),
      ...(redrive !== false && { RedrivePolicy: redrive }),
    },
  });
}
