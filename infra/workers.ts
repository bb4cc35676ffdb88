import { database } from "./database.ts";
import { createFunction, sendTo } from "./function.ts";
import { type QueuePair, TIMEOUT_SECONDS, deliveries, evidence, outcomes, sweep } from "./queues.ts";
import { webhookSecret, webhookSecretPrevious } from "./secrets.ts";
import { stage } from "./stage.ts";
import { evidenceBucket } from "./storage.ts";

// Sends from the message alone, outside of the VPC: three days of retries neither wake the database nor need a NAT.
export const deliveriesWorker = createFunction("DeliveriesWorker", {
  shortName: "deliveries",
  handler: "packages/workers/src/deliveries/lambda.handler",
  isInVpc: false,
  memory: "256 MB",
  timeout: `${TIMEOUT_SECONDS.deliveries} seconds`,
  link: [deliveries.main, outcomes.main, webhookSecret, webhookSecretPrevious],
  permissions: [receiveFrom(deliveries), sendTo(outcomes)],
});

export const outcomesWorker = createFunction("OutcomesWorker", {
  shortName: "outcomes",
  handler: "packages/workers/src/outcomes/lambda.handler",
  isInVpc: true,
  memory: "256 MB",
  timeout: `${TIMEOUT_SECONDS.outcomes} seconds`,
  link: [database, outcomes.main],
  permissions: [receiveFrom(outcomes)],
});

export const evidenceWorker = createFunction("EvidenceWorker", {
  shortName: "evidence",
  handler: "packages/workers/src/evidence/lambda.handler",
  isInVpc: true,
  memory: "2048 MB", // a video of 100 MB is held whole, a photograph as up to 50 megapixels
  storage: "1024 MB",
  timeout: `${TIMEOUT_SECONDS.evidence} seconds`,
  nodejs: { install: { sharp: "0.35.5" } }, // native: cannot be bundled
  link: [database, evidenceBucket, deliveries.main, evidence.main, sweep.main],
  permissions: [
    receiveFrom(evidence),
    sendTo(deliveries, evidence, sweep),
    { actions: ["s3:ListBucket"], resources: [evidenceBucket.arn] },
    {
      actions: ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObjectTagging", "s3:PutObjectVersionTagging", ...(stage.hasObjectLock ? ["s3:PutObjectRetention"] : [])],
      resources: ["photos", "documents", "videos"].map((folder) => $interpolate`${evidenceBucket.arn}/${folder}/*`),
    },
    { actions: ["s3:PutObject"], resources: [$interpolate`${evidenceBucket.arn}/thumbnails/*`] },
  ],
});

export const sweepWorker = createFunction("SweepWorker", {
  shortName: "sweep",
  handler: "packages/workers/src/sweep/lambda.handler",
  isInVpc: true,
  memory: "256 MB",
  timeout: `${TIMEOUT_SECONDS.sweep} seconds`,
  link: [database, deliveries.main, evidence.main, sweep.main],
  permissions: [receiveFrom(sweep), sendTo(deliveries, evidence, sweep)],
});

trigger("Deliveries", deliveries, deliveriesWorker, { batchSize: 10, concurrency: stage.workerConcurrency.deliveries });
// Written in batches: one transaction, and one waking of the database, for up to a hundred outcomes.
trigger("Outcomes", outcomes, outcomesWorker, { batchSize: 100, windowSeconds: 5, concurrency: stage.workerConcurrency.outcomes });
trigger("Evidence", evidence, evidenceWorker, { batchSize: 1, concurrency: stage.workerConcurrency.evidence });
trigger("Sweep", sweep, sweepWorker, { batchSize: 10, concurrency: stage.workerConcurrency.sweep });

function receiveFrom({ main }: QueuePair) {
  return {
    actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
    resources: [main.arn],
  };
}

interface Trigger {
  readonly batchSize: number;
  readonly windowSeconds?: number;
  readonly concurrency: number;
}

function trigger(name: string, { main }: QueuePair, worker: sst.aws.Function, shape: Trigger): void {
  new aws.lambda.EventSourceMapping(`${name}Trigger`, {
    eventSourceArn: main.arn,
    functionName: worker.arn,
    // Pods that serve a queue and a function that does would take each other's messages: never both.
    enabled: !stage.hasEks,
    batchSize: shape.batchSize,
    ...(shape.windowSeconds === undefined ? {} : { maximumBatchingWindowInSeconds: shape.windowSeconds }),
    functionResponseTypes: ["ReportBatchItemFailures"],
    scalingConfig: { maximumConcurrency: shape.concurrency },
  });
}
