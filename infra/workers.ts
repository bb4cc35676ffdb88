import { examinationEnvironment, storageEnvironment } from "./examination.ts";
import { createFunction } from "./function.ts";
import { workerGrants } from "./grants.ts";
import { hasMail, mailEnvironment } from "./mail.ts";
import { queues } from "./queues.ts";
import { stage } from "./stage.ts";
import { type WorkQueue, factsOf } from "../packages/core/src/platform/queue/queues.ts";
import { dependencies } from "../packages/core/package.json";

/** Number of senders. They do not communicate: each uses its share of Markov's limit. */
const SENDERS = stage.workerConcurrency.deliveries;

// Sends deliveries from the content of the message alone, outside of the VPC: three days of retries neither resume
// the database nor need a NAT.
const deliveriesWorker = createFunction("DeliveriesWorker", {
  shortName: "deliveries",
  handler: "packages/workers/src/deliveries/lambda.handler",
  isInVpc: false,
  memory: "256 MB",
  timeout: `${factsOf("deliveries").timeoutSeconds} seconds`,
  environment: { DELIVERY_SENDERS: String(SENDERS) },
  ...workerGrants.deliveries,
});
const deliveriesTrigger = trigger("deliveries", deliveriesWorker, { concurrency: SENDERS });

// Attempts one event while Markov fails for every event, and switches the trigger of `deliveries` off and on.
const breakerWorker = createFunction("BreakerWorker", {
  shortName: "breaker",
  handler: "packages/workers/src/breaker/lambda.handler",
  isInVpc: false,
  memory: "256 MB",
  timeout: `${factsOf("breaker").timeoutSeconds} seconds`,
  environment: { DELIVERIES_TRIGGER_ID: deliveriesTrigger.uuid },
  link: workerGrants.breaker.link,
  permissions: [
    ...workerGrants.breaker.permissions,
    { actions: ["lambda:UpdateEventSourceMapping"], resources: [deliveriesTrigger.arn] },
  ],
});
const breakerTrigger = trigger("breaker", breakerWorker, { isOff: stage.hasFewTriggers });

const outcomesWorker = createFunction("OutcomesWorker", {
  shortName: "outcomes",
  handler: "packages/workers/src/outcomes/lambda.handler",
  isInVpc: true,
  memory: "256 MB",
  timeout: `${factsOf("outcomes").timeoutSeconds} seconds`,
  ...workerGrants.outcomes,
});
const outcomesTrigger = trigger("outcomes", outcomesWorker, {
  concurrency: stage.workerConcurrency.outcomes,
  isOff: stage.hasFewTriggers,
});

const evidenceWorker = createFunction("EvidenceWorker", {
  shortName: "evidence",
  handler: "packages/workers/src/evidence/lambda.handler",
  isInVpc: true,
  memory: "2048 MB", // a video of 100 MB is in the memory of the worker and of its examiner, which may take 512 MB
  storage: "1024 MB",
  timeout: `${factsOf("evidence").timeoutSeconds} seconds`,
  environment: examinationEnvironment,
  nodejs: { install: { sharp: dependencies.sharp } }, // a native package, which cannot be bundled
  ...workerGrants.evidence,
});
const evidenceTrigger = trigger("evidence", evidenceWorker, {
  concurrency: stage.workerConcurrency.evidence,
  isOff: stage.hasFewTriggers,
});

const sweepWorker = createFunction("SweepWorker", {
  shortName: "sweep",
  handler: "packages/workers/src/sweep/lambda.handler",
  isInVpc: true,
  memory: "256 MB",
  timeout: `${factsOf("sweep").timeoutSeconds} seconds`,
  ...(stage.hasFewTriggers
    ? {
        environment: {
          ...storageEnvironment,
          ...mailEnvironment,
          EVIDENCE_FUNCTION: evidenceWorker.name,
          BREAKER_FUNCTION: breakerWorker.name,
        },
        link: workerGrants.sweep.link,
        permissions: [
          ...workerGrants.sweep.permissions,
          { actions: ["lambda:InvokeFunction"], resources: [evidenceWorker.arn, breakerWorker.arn] },
        ],
      }
    : { environment: { ...storageEnvironment, ...mailEnvironment }, ...workerGrants.sweep }),
});
const sweepTrigger = trigger("sweep", sweepWorker, { concurrency: stage.workerConcurrency.sweep });

// Sends mail outside of the VPC: a stage whose egress is IPv6 may not reach SES, and this worker needs no database.
const mailWorker = createFunction("MailWorker", {
  shortName: "mail",
  handler: "packages/workers/src/mail/lambda.handler",
  isInVpc: false,
  memory: "256 MB",
  timeout: `${factsOf("mail").timeoutSeconds} seconds`,
  environment: mailEnvironment,
  ...workerGrants.mail,
});
// The trigger exists only where there is mail: a trigger polls its queue all month, even an empty one, for about 26
// cents (docs/adr/0013).
const mailTrigger = trigger("mail", mailWorker, { isOff: !hasMail });

/** Triggers that must be disabled before pods start. */
export const triggers = [
  deliveriesTrigger,
  breakerTrigger,
  outcomesTrigger,
  evidenceTrigger,
  sweepTrigger,
  mailTrigger,
];

/**
 * Settings of the Lambda trigger of a queue that depend on the stage: the concurrency, unless the table of queues sets
 * it, and whether the trigger is off.
 */
interface Trigger {
  readonly concurrency?: number;
  readonly isOff?: boolean;
}

function trigger(queue: Exclude<WorkQueue, "attempts">, worker: sst.aws.Function, shape: Trigger = {}) {
  const { batchSize, windowSeconds, concurrency = shape.concurrency } = factsOf(queue);
  if (concurrency === undefined) throw new Error(`the trigger of ${queue} has no limit of concurrency`);
  const name = `${queue.slice(0, 1).toUpperCase()}${queue.slice(1)}`;
  return new aws.lambda.EventSourceMapping(`${name}Trigger`, {
    eventSourceArn: queues[queue].arn,
    functionName: worker.arn,
    // Off while pods consume the queues: otherwise a pod and the function would each get a part of the messages.
    enabled: !stage.hasEks && shape.isOff !== true,
    batchSize,
    ...(windowSeconds === undefined ? {} : { maximumBatchingWindowInSeconds: windowSeconds }),
    functionResponseTypes: ["ReportBatchItemFailures"],
    scalingConfig: { maximumConcurrency: concurrency },
  });
}
