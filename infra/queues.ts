import { accountId } from "./stage.ts";

/** Fourteen days, the longest that SQS keeps a message: an outage of Markov of 72 h and a long weekend fit in. */
const RETENTION_SECONDS = 14 * 24 * 3600;

interface QueueShape {
  /** Seconds that the function may take; a message stays hidden for six times as long (AWS's advice for Lambda). */
  readonly timeoutSeconds: number;
  /** ReceiveCount before a message is given up; {@link ATTEMPTS} when left out. */
  readonly attempts: number;
}

/**
 * The most that SQS allows. What is tried again and again ends by its own rules (platform.md §4), and reports and sweeps must outlast
 * any outage of the database: the count only catches messages that crash their function.
 */
const ATTEMPTS = 1000;

/** What functions of each queue may take, in seconds. */
export const TIMEOUT_SECONDS = {
  deliveries: 30,
  breaker: 45,
  outcomes: 60,
  evidence: 120,
  sweep: 60,
  mail: 30,
} as const;

// Messages that could not be processed. Nothing is triggered by them: the sweep and `gotong dlq` read them, and an alarm rings.
const dead = createQueue("Dead", { isFifo: false });
const deadDeliveries = createQueue("DeadDeliveries", { isFifo: true });

const deliveries = createQueue("Deliveries", { isFifo: true, timeoutSeconds: TIMEOUT_SECONDS.deliveries });
const breaker = createQueue("Breaker", { isFifo: true, timeoutSeconds: TIMEOUT_SECONDS.breaker });
const outcomes = createQueue("Outcomes", { timeoutSeconds: TIMEOUT_SECONDS.outcomes });
const sweep = createQueue("Sweep", { timeoutSeconds: TIMEOUT_SECONDS.sweep });
/** Reports that wake no database: whoever has woken it reads them. */
const attempts = createQueue("Attempts", { timeoutSeconds: TIMEOUT_SECONDS.outcomes });
// A file that takes the function down does so each time; for what was only away the sweep asks again.
const evidence = createQueue("Evidence", { timeoutSeconds: TIMEOUT_SECONDS.evidence, attempts: 10 });
// The worker waits longer each time, and these receives take more than six hours: longer than a token in a mail is good for.
const mail = createQueue("Mail", { timeoutSeconds: TIMEOUT_SECONDS.mail, attempts: 30 });

export const queues = { deliveries, breaker, outcomes, attempts, evidence, sweep, mail, dead, deadDeliveries };

for (const [queue, sources] of [
  [dead, { Outcomes: outcomes, Attempts: attempts, Evidence: evidence, Sweep: sweep, Mail: mail }],
  [deadDeliveries, { Deliveries: deliveries, Breaker: breaker }],
] as const)
  new aws.sqs.RedriveAllowPolicy(queue === dead ? "DeadRedriveAllow" : "DeadDeliveriesRedriveAllow", {
    queueUrl: queue.url,
    redriveAllowPolicy: $jsonStringify({
      redrivePermission: "byQueue",
      sourceQueueArns: Object.values(sources).map((source) => source.arn),
    }),
  });

function createQueue(name: string, shape: { readonly isFifo?: boolean } & Partial<QueueShape>): sst.aws.Queue {
  const queue = new sst.aws.Queue(`${name}Queue`, {
    ...(shape.isFifo ? { fifo: true } : {}),
    ...(shape.timeoutSeconds === undefined
      ? {} // of dead letters
      : {
          visibilityTimeout: `${6 * shape.timeoutSeconds} seconds` as const,
          dlq: { queue: (shape.isFifo ? deadDeliveries : dead).arn, retry: shape.attempts ?? ATTEMPTS },
        }),
    transform: {
      queue: (args) => {
        args.sqsManagedSseEnabled = true;
        args.messageRetentionSeconds = RETENTION_SECONDS;
        args.receiveWaitTimeSeconds = 20;
        // Groups do not wait for one another, and neither do their limits.
        if (shape.isFifo)
          Object.assign(args, { deduplicationScope: "messageGroup", fifoThroughputLimit: "perMessageGroupId" });
      },
    },
  });
  protect(`${name}Queue`, queue);
  return queue;
}

/** Whoever asks: only over TLS, and only from this account. */
function protect(name: string, queue: sst.aws.Queue): void {
  const everyone = [{ type: "*", identifiers: ["*"] }];
  const rest = { effect: "Deny", principals: everyone, actions: ["sqs:*"], resources: [queue.arn] };
  new aws.sqs.QueuePolicy(`${name}Policy`, {
    queueUrl: queue.url,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        { sid: "OnlyTls", ...rest, conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }] },
        {
          sid: "OnlyThisAccount",
          ...rest,
          conditions: [
            { test: "StringNotEquals", variable: "aws:PrincipalAccount", values: [accountId] },
            // The scheduler and SQS itself act as services, which have no account.
            { test: "Bool", variable: "aws:PrincipalIsAWSService", values: ["false"] },
          ],
        },
      ],
    }).json,
  });
}
