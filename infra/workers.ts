import { createFunction } from "./function.ts";
import { workerGrants } from "./grants.ts";
import { hasMail, mailEnvironment } from "./mail.ts";
import { TIMEOUT_SECONDS, queues } from "./queues.ts";
import { stage } from "./stage.ts";
import { dependencies } from "../packages/core/package.json";

const { deliveries, breaker, outcomes, evidence, sweep, mail } = queues;
/** The senders know nothing of each other: each keeps to its share of Markov's limit. */
const SENDERS = stage.workerConcurrency.deliveries;

// Sends from the message alone, outside of the VPC: three days of retries neither wake the database nor need a NAT.
const deliveriesWorker = createFunction("DeliveriesWorker", {
  shortName: "deliveries",
  handler: "packages/workers/src/deliveries/lambda.handler",
  isInVpc: false,
  memory: "256 MB",
  timeout: `${TIMEOUT_SECONDS.deliveries} seconds`,
  environment: { DELIVERY_SENDERS: String(SENDERS) },
  ...workerGrants.deliveries,
});
// One at a time: what lies behind a failure stays in the queue, unreceived, and a slow Markov takes no function to its limit.
const deliveriesTrigger = trigger("Deliveries", deliveries, deliveriesWorker, { batchSize: 1, concurrency: SENDERS });

// Tries one event while Markov fails for everyone, and switches the trigger above off and on.
const breakerWorker = createFunction("BreakerWorker", {
  shortName: "breaker",
  handler: "packages/workers/src/breaker/lambda.handler",
  isInVpc: false,
  memory: "256 MB",
  timeout: `${TIMEOUT_SECONDS.breaker} seconds`,
  environment: { DELIVERIES_TRIGGER_ID: deliveriesTrigger.uuid },
  link: workerGrants.breaker.link,
  permissions: [
    ...workerGrants.breaker.permissions,
    { actions: ["lambda:UpdateEventSourceMapping"], resources: [deliveriesTrigger.arn] },
  ],
});
const breakerTrigger = trigger("Breaker", breaker, breakerWorker, {
  batchSize: 1,
  concurrency: 2,
  isOff: stage.hasFewTriggers,
});

const outcomesWorker = createFunction("OutcomesWorker", {
  shortName: "outcomes",
  handler: "packages/workers/src/outcomes/lambda.handler",
  isInVpc: true,
  memory: "256 MB",
  timeout: `${TIMEOUT_SECONDS.outcomes} seconds`,
  ...workerGrants.outcomes,
});
// Written in batches: one transaction, and one waking of the database, for up to a hundred outcomes.
const outcomesTrigger = trigger("Outcomes", outcomes, outcomesWorker, {
  batchSize: 100,
  windowSeconds: 5,
  concurrency: stage.workerConcurrency.outcomes,
  isOff: stage.hasFewTriggers,
});

const evidenceWorker = createFunction("EvidenceWorker", {
  shortName: "evidence",
  handler: "packages/workers/src/evidence/lambda.handler",
  isInVpc: true,
  memory: "2048 MB", // a video of 100 MB is held by the worker and by its examiner, which may take 512 MB
  storage: "1024 MB",
  timeout: `${TIMEOUT_SECONDS.evidence} seconds`,
  nodejs: { install: { sharp: dependencies.sharp } }, // native: cannot be bundled
  ...workerGrants.evidence,
});
const evidenceTrigger = trigger("Evidence", evidence, evidenceWorker, {
  batchSize: 1,
  concurrency: stage.workerConcurrency.evidence,
  isOff: stage.hasFewTriggers,
});

const sweepWorker = createFunction("SweepWorker", {
  shortName: "sweep",
  handler: "packages/workers/src/sweep/lambda.handler",
  isInVpc: true,
  memory: "256 MB",
  timeout: `${TIMEOUT_SECONDS.sweep} seconds`,
  ...(stage.hasFewTriggers
    ? {
        environment: { EVIDENCE_FUNCTION: evidenceWorker.name, BREAKER_FUNCTION: breakerWorker.name },
        link: workerGrants.sweep.link,
        permissions: [
          ...workerGrants.sweep.permissions,
          { actions: ["lambda:InvokeFunction"], resources: [evidenceWorker.arn, breakerWorker.arn] },
        ],
      }
    : workerGrants.sweep),
});
const sweepTrigger = trigger("Sweep", sweep, sweepWorker, {
  batchSize: 10,
  concurrency: stage.workerConcurrency.sweep,
});

// Outside of the VPC: a stage whose functions leave over IPv6 alone may not reach SES, and this worker needs no database.
const mailWorker = createFunction("MailWorker", {
  shortName: "mail",
  handler: "packages/workers/src/mail/lambda.handler",
  isInVpc: false,
  memory: "256 MB",
  timeout: `${TIMEOUT_SECONDS.mail} seconds`,
  environment: mailEnvironment,
  ...workerGrants.mail,
});
// An empty queue is asked all month, for about 26 cents (docs/adr/0013): only where there is mail.
const mailTrigger = trigger("Mail", mail, mailWorker, { batchSize: 5, concurrency: 2, isOff: !hasMail });

/** Pods that take over the queues wait until these are off. */
export const triggers = [
  deliveriesTrigger,
  breakerTrigger,
  outcomesTrigger,
  evidenceTrigger,
  sweepTrigger,
  mailTrigger,
];

interface Trigger {
  readonly batchSize: number;
  readonly windowSeconds?: number;
  readonly concurrency: number;
  readonly isOff?: boolean;
}

function trigger(name: string, queue: sst.aws.Queue, worker: sst.aws.Function, shape: Trigger) {
  return new aws.lambda.EventSourceMapping(`${name}Trigger`, {
    eventSourceArn: queue.arn,
    functionName: worker.arn,
    // Pods that serve a queue and a function that does would take each other's messages: never both.
    enabled: !stage.hasEks && shape.isOff !== true,
    batchSize: shape.batchSize,
    ...(shape.windowSeconds === undefined ? {} : { maximumBatchingWindowInSeconds: shape.windowSeconds }),
    functionResponseTypes: ["ReportBatchItemFailures"],
    scalingConfig: { maximumConcurrency: shape.concurrency },
  });
}
