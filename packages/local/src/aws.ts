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
import { startGate } from "./s3-gate.ts";

/** The emulator takes any credentials; the gate in front of it checks signatures made with these. */
export const CREDENTIALS = { accessKey: "local", secretKey: "local-emulator" };
export const BUCKET = "gotong-royong-evidence";
const ACCOUNT = "000000000000";

export interface Aws {
  readonly endpoint: string;
  /** The URL of each queue, under the variable that names it. */
  readonly queueVariables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface Options {
  /** 0 for any free one. */
  readonly port: number;
  /** Where objects are kept as files; in memory when left out. */
  readonly storageDir?: string;
  /** Where messages are kept, as SQS keeps them; in memory when left out: the outbox makes that safe. */
  readonly queueDir?: string;
  /** How long a received message stays hidden when its receiver says nothing; 30 s when left out. */
  readonly visibilitySeconds?: number;
}

/** Starts S3 and SQS emulators behind one port of loopback, with the bucket and the queues of the platform in them. */
export async function startAws(options: Options): Promise<Aws> {
  const backend = await startFauxqs({
    port: 0,
    host: "127.0.0.1",
    logger: false,
    ...(options.queueDir ? { dataDir: options.queueDir } : {}),
    ...(options.storageDir ? { s3StorageDir: options.storageDir } : {}),
  });
  backend.createBucket(BUCKET);
  // The dead letters first: the others refer to them.
  for (const queue of QUEUES.toReversed()) createQueue(backend, queue, options.visibilitySeconds ?? 30);
  const gate = await startGate({
    port: options.port,
    backend: new URL(`http://127.0.0.1:${backend.port}`),
    secretKey: CREDENTIALS.secretKey,
  });
  const endpoint = `http://127.0.0.1:${portOf(gate.address())}`;
  return {
    endpoint,
    queueVariables: queueVariables(endpoint),
    stop: async () => {
      gate.closeAllConnections();
      await new Promise((closed) => gate.close(closed));
      await backend.stop();
    },
  };
}

/** The URL of each queue of an emulator at `endpoint`, under the variable that names it. */
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
  if (backend.inspectQueue(nameOf(queue))) return; // with its messages, from an earlier run
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
