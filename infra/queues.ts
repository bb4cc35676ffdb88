import { accountId } from "./stage.ts";

/** Fourteen days, the longest that SQS keeps a message: an outage of Markov of 72 h and a long weekend fit in. */
const RETENTION_SECONDS = 14 * 24 * 3600;

interface QueueShape {
  /** Seconds that the function may take; a message stays hidden for six times as long (AWS's advice for Lambda). */
  readonly timeoutSeconds: number;
  /** Receives before a message is given up. */
  readonly attempts: number;
}

/** What functions of each queue may take, in seconds. */
export const TIMEOUT_SECONDS = { deliveries: 30, breaker: 30, outcomes: 60, evidence: 120, sweep: 60 } as const;

// Messages that could not be processed. Nothing is triggered by them: the sweep and `gotong dlq` read them, and an alarm rings.
const dead = createQueue("Dead", { isFifo: false });
const deadDeliveries = createQueue("DeadDeliveries", { isFifo: true });

// A delivery is tried for 72 h, at most once an hour after the first dozen attempts (platform.md §4): its own clock ends it, and
// the count here only catches messages that crash the function. The breaker's one message is probed every five minutes.
const deliveries = createQueue("Deliveries", {
  isFifo: true,
  timeoutSeconds: TIMEOUT_SECONDS.deliveries,
  attempts: 500,
});
const breaker = createQueue("Breaker", { isFifo: true, timeoutSeconds: TIMEOUT_SECONDS.breaker, attempts: 1000 });
const outcomes = createQueue("Outcomes", { timeoutSeconds: TIMEOUT_SECONDS.outcomes, attempts: 10 });
const evidence = createQueue("Evidence", { timeoutSeconds: TIMEOUT_SECONDS.evidence, attempts: 10 });
const sweep = createQueue("Sweep", { timeoutSeconds: TIMEOUT_SECONDS.sweep, attempts: 10 });
/** Reports that wake no database: whoever has woken it reads them. */
const attempts = createQueue("Attempts", { timeoutSeconds: TIMEOUT_SECONDS.outcomes, attempts: 10 });

export const queues = { deliveries, breaker, outcomes, attempts, evidence, sweep, dead, deadDeliveries };

for (const [queue, sources] of [
  [dead, { Outcomes: outcomes, Attempts: attempts, Evidence: evidence, Sweep: sweep }],
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
      ? {}
      : { visibilityTimeout: `${6 * shape.timeoutSeconds} seconds` as const }),
    ...(shape.attempts === undefined
      ? {}
      : { dlq: { queue: (shape.isFifo ? deadDeliveries : dead).arn, retry: shape.attempts } }),
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
