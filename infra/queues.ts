import {
  type QueueName,
  factsOf,
  isFifo,
  visibilityTimeoutSeconds,
} from "../packages/core/src/platform/queue/queues.ts";
import { scanRuleArn } from "./malware-rule.ts";
import { accountId, stage } from "./stage.ts";

/** Retention of messages: fourteen days, the maximum of SQS. It covers an outage of Markov of 72 h and a long weekend. */
const RETENTION_SECONDS = 14 * 24 * 3600;

// Queues for dead letters. They trigger no function: the sweep and `gotong dlq` read them, and an alarm reports them.
const dead = createQueue("Dead", "dead");
const deadDeliveries = createQueue("DeadDeliveries", "dead_deliveries");

const deliveries = createQueue("Deliveries", "deliveries");
const breaker = createQueue("Breaker", "breaker");
const outcomes = createQueue("Outcomes", "outcomes");
const sweep = createQueue("Sweep", "sweep");
/** The queue for outcomes that do not resume the database: the next function that uses the database records them. */
const attempts = createQueue("Attempts", "attempts");
const evidence = createQueue("Evidence", "evidence");
const mail = createQueue("Mail", "mail");

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

function createQueue(name: string, queue: QueueName): sst.aws.Queue {
  const isWork = queue !== "dead" && queue !== "dead_deliveries";
  const made = new sst.aws.Queue(`${name}Queue`, {
    ...(isFifo(queue) ? { fifo: true } : {}),
    ...(isWork
      ? {
          visibilityTimeout: `${visibilityTimeoutSeconds(queue)} seconds` as const,
          dlq: { queue: (isFifo(queue) ? deadDeliveries : dead).arn, retry: factsOf(queue).receives },
        }
      : {}),
    transform: {
      queue: (args) => {
        args.sqsManagedSseEnabled = true;
        args.messageRetentionSeconds = RETENTION_SECONDS;
        args.receiveWaitTimeSeconds = 20;
        // SQS orders messages and limits throughput for each message group separately.
        if (isFifo(queue))
          Object.assign(args, { deduplicationScope: "messageGroup", fifoThroughputLimit: "perMessageGroupId" });
      },
    },
  });
  const isOfScans = queue === "evidence" || (queue === "sweep" && stage.hasFewTriggers);
  protect(`${name}Queue`, made, stage.malwareScanner === "guardduty" && isOfScans ? [scanRuleArn] : []);
  return made;
}

/**
 * Denies all callers access without TLS, and from other accounts.
 * @param rules EventBridge rules that may send messages
 */
function protect(name: string, queue: sst.aws.Queue, rules: readonly $util.Output<string>[]): void {
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
            // Does not deny EventBridge Scheduler and SQS itself: they call as services, without an account.
            { test: "Bool", variable: "aws:PrincipalIsAWSService", values: ["false"] },
          ],
        },
        ...rules.map((rule) => ({
          sid: "EventsOfScans",
          actions: ["sqs:SendMessage"],
          principals: [{ type: "Service", identifiers: ["events.amazonaws.com"] }],
          resources: [queue.arn],
          conditions: [{ test: "ArnEquals", variable: "aws:SourceArn", values: [rule] }],
        })),
      ],
    }).json,
  });
}
