import { hasMail } from "./mail.ts";
import { queues } from "./queues.ts";
import { stage } from "./stage.ts";

/**
 * Maximum age of the oldest message of a queue, in seconds, before an alarm fires. Deliveries wait by design while
 * Markov is down. In a standard queue the limit must be below twice the visibility timeout: CloudWatch leaves out
 * messages that were received three times, so the age of a message whose worker cannot start reaches at most two
 * visibility timeouts.
 */
export const OLDEST_SECONDS = { deliveries: 3600, outcomes: 600, evidence: 900, sweep: 600, mail: 300 } as const;
export type WatchedQueue = keyof typeof OLDEST_SECONDS;

/**
 * The queues that have an alarm on their age. On small stages, where each alarm costs ten cents a month, these are
 * the queue whose trigger the circuit breaker switches, and the sweep queue, since the sweep recovers what other
 * queues lost. Failures of the other workers are counted from their logs.
 */
export const WATCHED_QUEUES: readonly WatchedQueue[] =
  stage.alarms === "full"
    ? (["deliveries", "outcomes", "evidence", "sweep", "mail"] as const).filter((name) => name !== "mail" || hasMail)
    : ["deliveries", "sweep"];

/** Returns the age of a queue's oldest message, as a query for an alarm over several metrics. */
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
