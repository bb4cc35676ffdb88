import { accountId } from "./stage.ts";

/** Fourteen days, the longest that SQS keeps a message: an outage of Markov of 72 h and a long weekend fit in. */
const RETENTION_SECONDS = 14 * 24 * 3600;

interface QueueShape {
  readonly isFifo?: boolean;
  /** Seconds that the function may take; a message stays hidden for six times as long (AWS's advice for Lambda). */
  readonly timeoutSeconds: number;
  /** Receives before a message is given up. */
  readonly attempts: number;
}

/** What functions of each queue may take, in seconds. */
export const TIMEOUT_SECONDS = { deliveries: 30, outcomes: 60, evidence: 120, sweep: 60 } as const;

// A delivery is tried for 72 h, at most once an hour after the first dozen attempts (platform.md §4): its own clock ends it, and
// the count here only catches messages that crash the function.
export const deliveries = createQueue("Deliveries", { isFifo: true, timeoutSeconds: TIMEOUT_SECONDS.deliveries, attempts: 500 });
export const outcomes = createQueue("Outcomes", { timeoutSeconds: TIMEOUT_SECONDS.outcomes, attempts: 10 });
export const evidence = createQueue("Evidence", { timeoutSeconds: TIMEOUT_SECONDS.evidence, attempts: 5 });
export const sweep = createQueue("Sweep", { timeoutSeconds: TIMEOUT_SECONDS.sweep, attempts: 10 });

export const queues = { deliveries, outcomes, evidence, sweep };

export interface QueuePair {
  readonly main: sst.aws.Queue;
  readonly dead: sst.aws.Queue;
}

function createQueue(name: string, shape: QueueShape): QueuePair {
  const fifo = shape.isFifo ? { fifo: true } : {};
  const dead = new sst.aws.Queue(`${name}DeadLetters`, {
    ...fifo,
    transform: { queue: { sqsManagedSseEnabled: true, messageRetentionSeconds: RETENTION_SECONDS } },
  });
  const main = new sst.aws.Queue(`${name}Queue`, {
    ...fifo,
    visibilityTimeout: `${6 * shape.timeoutSeconds} seconds`,
    dlq: { queue: dead.arn, retry: shape.attempts },
    transform: {
      queue: (args) => {
        args.sqsManagedSseEnabled = true;
        args.messageRetentionSeconds = RETENTION_SECONDS;
        args.receiveWaitTimeSeconds = 20;
        // Groups do not wait for one another, and neither do their limits.
        if (shape.isFifo) Object.assign(args, { deduplicationScope: "messageGroup", fifoThroughputLimit: "perMessageGroupId" });
      },
    },
  });
  new aws.sqs.RedriveAllowPolicy(`${name}RedriveAllow`, {
    queueUrl: dead.url,
    redriveAllowPolicy: $jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: [main.arn] }),
  });
  protect(`${name}Queue`, main);
  protect(`${name}DeadLetters`, dead);
  return { main, dead };
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
