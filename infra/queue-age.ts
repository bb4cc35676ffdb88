import { hasMail } from "./mail.ts";
import { queues } from "./queues.ts";
import { stage } from "./stage.ts";

/**
 * Seconds that the oldest message of a queue may wait. Deliveries wait by design while Markov is away. In a standard queue the limit
 * must be below twice the visibility timeout: CloudWatch leaves out messages that were received three times, so the age of a message
 * whose worker cannot start reaches two visibility timeouts and no more.
 */
export const OLDEST_SECONDS = { deliveries: 3600, outcomes: 600, evidence: 900, sweep: 600, mail: 300 } as const;
export type WatchedQueue = keyof typeof OLDEST_SECONDS;

/**
 * The queues whose age has an alarm. Small stages, where each costs ten cents a month, watch the queue whose trigger
 * the circuit breaker switches, and the sweep queue, which recovers what other queues lost; failures of a worker are
 * counted from its log.
 */
export const WATCHED_QUEUES: readonly WatchedQueue[] =
  stage.alarms === "full"
    ? (["deliveries", "outcomes", "evidence", "sweep", "mail"] as const).filter((name) => name !== "mail" || hasMail)
    : ["deliveries", "sweep"];

/** The age of a queue's oldest message, as a query of an alarm over several metrics. */
export const ageOfOldest = (name: WatchedQueue, period: number) => ({
  id: name,
  metric: {
    namespace: "AWS/SQS",
    metricName: "ApproximateAgeOfOldestMessage",
    dimensions: { QueueName: queues[name].nodes.queue.name },
    period,
    stat: "Maximum",
  },
});
