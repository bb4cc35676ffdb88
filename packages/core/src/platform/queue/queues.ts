// The queues of the platform as pure data: infra declares them on AWS from this table; the development stack, pods and the simulation read
// their parameters here; tests compare ElasticMQ's configuration and the runbooks with this table.

/**
 * The names of all queues. `deliveries` is FIFO, with one message group for each subject: a contribution with its
 * evidence, or the vouches of one member for another. `attempts` and the two dead-letter queues have no trigger:
 * workers of other queues read them.
 */
export const QUEUES = [
  "deliveries",
  "outcomes",
  "attempts",
  "breaker",
  "evidence",
  "sweep",
  "mail",
  "dead",
  "dead_deliveries",
] as const;
export type QueueName = (typeof QUEUES)[number];

/** The names of the settings with the queues' URLs. */
export const URL_VARIABLES = {
  deliveries: "DELIVERIES_QUEUE_URL",
  outcomes: "OUTCOMES_QUEUE_URL",
  attempts: "ATTEMPTS_QUEUE_URL",
  breaker: "BREAKER_QUEUE_URL",
  evidence: "EVIDENCE_QUEUE_URL",
  sweep: "SWEEP_QUEUE_URL",
  mail: "MAIL_QUEUE_URL",
  dead: "DEAD_QUEUE_URL",
  dead_deliveries: "DEAD_DELIVERIES_QUEUE_URL",
} as const satisfies Record<QueueName, string>;

/** Queues that preserve the order within a group. SQS requires the dead-letter queue of a FIFO queue to be FIFO as well. */
const FIFO: ReadonlySet<QueueName> = new Set<QueueName>(["deliveries", "breaker", "dead_deliveries"]);
export const isFifo = (queue: QueueName) => FIFO.has(queue);

/** A queue whose messages a worker processes. */
export type WorkQueue = Exclude<QueueName, "dead" | "dead_deliveries">;
export const WORK_QUEUES: readonly WorkQueue[] = QUEUES.filter(
  (queue): queue is WorkQueue => queue !== "dead" && queue !== "dead_deliveries",
);

export interface QueueFacts {
  /** Time limit of a function for one batch. */
  readonly timeoutSeconds: number;
  /** Seconds for which a received message stays hidden. By default six times the time limit, as AWS advises for Lambda. */
  readonly visibilityTimeoutSeconds?: number;
  /** Receives after which SQS moves a message to the dead-letter queue. */
  readonly receives: number;
  /** Maximum number of messages that a worker gets at once; a single receive of SQS returns at most 10. */
  readonly batchSize: number;
  /** Number of messages that a pod receives at once, if it differs from `batchSize`. */
  readonly podBatchSize?: number;
  /** Seconds for which Lambda collects a batch. */
  readonly windowSeconds?: number;
  /** Maximum number of concurrent batches. If it is missing, the size of the stage decides (infra/stages.ts). */
  readonly concurrency?: number;
}

/**
 * The maximum receive count of SQS. Receives are no measure of attempts, since a throttled trigger, whose function Lambda does not start, uses
 * up receives as well. So other rules end retries: deliveries after 72 hours (platform.md §4), examinations by a count in the database, mail by
 * its age; outcomes and sweeps must outlast any outage of the database. At 180 s or more each, 1,000 receives last for two days of throttling.
 */
const RECEIVES_MAX = 1000;

const FACTS: Readonly<Record<WorkQueue, QueueFacts>> = {
  // One message at a time: messages behind a failed one stay in the queue, unreceived, and a slow Markov does not exhaust a function's time
  // limit. A pod has no time limit, and one SQS call per message would take as much CPU time as the rest of a delivery.
  deliveries: { timeoutSeconds: 30, receives: RECEIVES_MAX, batchSize: 1, podBatchSize: 10 },
  breaker: { timeoutSeconds: 45, receives: RECEIVES_MAX, batchSize: 1, concurrency: 2 },
  // Up to a hundred outcomes need only one transaction and one resume of the database.
  outcomes: { timeoutSeconds: 60, receives: RECEIVES_MAX, batchSize: 100, windowSeconds: 5 },
  // The function of `outcomes` reads this queue.
  attempts: { timeoutSeconds: 60, receives: RECEIVES_MAX, batchSize: 10 },
  // The database counts the starts of each examination, so that a file which crashes the function each time is refused
  // in the end.
  evidence: { timeoutSeconds: 120, receives: RECEIVES_MAX, batchSize: 1 },
  // The visibility timeout must exceed that of `outcomes` (360 s) plus a run of the sweep (60 s): a failed sweep must
  // be retried only after the outcomes that it received are visible again.
  sweep: { timeoutSeconds: 60, receives: RECEIVES_MAX, batchSize: 10, visibilityTimeoutSeconds: 480 },
  // The worker waits longer after each failure, and dead-letters the mail after seven hours.
  mail: { timeoutSeconds: 30, receives: RECEIVES_MAX, batchSize: 5, concurrency: 2 },
};

export const factsOf = (queue: WorkQueue): QueueFacts => FACTS[queue];

/** Maximum number of messages that a pod receives with one call; SQS returns at most 10. */
export function receivedAtOnce(queue: WorkQueue): number {
  const { batchSize, podBatchSize = batchSize } = FACTS[queue];
  return Math.min(podBatchSize, 10);
}

/** Seconds for which a received message stays hidden. */
export const visibilityTimeoutSeconds = (queue: WorkQueue) =>
  FACTS[queue].visibilityTimeoutSeconds ?? 6 * FACTS[queue].timeoutSeconds;

export const deadLetterQueueOf = (queue: WorkQueue) => (isFifo(queue) ? "dead_deliveries" : "dead");
