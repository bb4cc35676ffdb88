import type { AddressInfo } from "node:net";
import { startFauxqs } from "fauxqs";
import { QUEUES, type Queue } from "@gotong/core/queue/index.ts";
import { startGate } from "./s3-gate.ts";

/** The emulator takes any credentials; the gate in front of it checks signatures made with these. */
export const CREDENTIALS = { accessKey: "local", secretKey: "local-emulator" };
export const BUCKET = "gotong-royong-evidence";
const ACCOUNT = "000000000000";
const RECEIVES_BEFORE_DEAD_LETTER = "1000";

export interface Aws {
  readonly endpoint: string;
  readonly queueUrls: Readonly<Record<Queue, string>>;
  stop(): Promise<void>;
}

interface Options {
  /** 0 for any free one. */
  readonly port: number;
  /** Where objects are kept as files; in memory when left out. Queues are always in memory: the outbox makes that safe. */
  readonly storageDir?: string;
}

/** Starts S3 and SQS emulators behind one port of loopback, with the bucket and the queues of the platform in them. */
export async function startAws(options: Options): Promise<Aws> {
  const backend = await startFauxqs({
    port: 0,
    host: "127.0.0.1",
    logger: false,
    ...(options.storageDir ? { s3StorageDir: options.storageDir } : {}),
  });
  backend.createBucket(BUCKET);
  for (const queue of QUEUES) createQueue(backend, queue);
  const gate = await startGate({
    port: options.port,
    backend: new URL(`http://127.0.0.1:${backend.port}`),
    secretKey: CREDENTIALS.secretKey,
  });
  const endpoint = `http://127.0.0.1:${portOf(gate.address())}`;
  const url = (queue: Queue) => `${endpoint}/${ACCOUNT}/${nameOf(queue)}`;
  return {
    endpoint,
    queueUrls: {
      deliveries: url("deliveries"),
      outcomes: url("outcomes"),
      evidence: url("evidence"),
      sweep: url("sweep"),
    },
    stop: async () => {
      gate.closeAllConnections();
      await new Promise((closed) => gate.close(closed));
      await backend.stop();
    },
  };
}

const isFifo = (queue: Queue) => queue === "deliveries";
const nameOf = (queue: Queue) => (isFifo(queue) ? `${queue}.fifo` : queue);
const portOf = (address: AddressInfo | string | null) => (typeof address === "object" && address ? address.port : 0);

function createQueue(backend: Awaited<ReturnType<typeof startFauxqs>>, queue: Queue): void {
  const fifo = isFifo(queue) ? { FifoQueue: "true" } : {};
  const dead = backend.createQueue(`${queue}-dlq${isFifo(queue) ? ".fifo" : ""}`, { attributes: fifo });
  const redrive = JSON.stringify({
    deadLetterTargetArn: dead.queueArn,
    maxReceiveCount: isFifo(queue) ? RECEIVES_BEFORE_DEAD_LETTER : "10",
  });
  backend.createQueue(nameOf(queue), { attributes: { ...fifo, VisibilityTimeout: "30", RedrivePolicy: redrive } });
}
