// The queues of the platform, pure data: infra declares them on AWS from this table, the development stack, pods and the simulation
// serve them as it says, and tests compare ElasticMQ and the runbooks with it.

/**
 * `deliveries` is FIFO, with one message group for each ordering subject. `attempts` and the two dead-letter queues have
 * no trigger: workers of other queues read them.
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

/** The setting with the URL of each queue. */
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

/** Queues that keep order within a group. SQS requires the dead-letter queue of a FIFO queue to be FIFO too. */
const FIFO: ReadonlySet<QueueName> = new Set<QueueName>(["deliveries", "breaker", "dead_deliveries"]);
export const isFifo = (queue: QueueName) => FIFO.has(queue);

/** A queue whose messages a worker processes. */
export type WorkQueue = Exclude<QueueName, "dead" | "dead_deliveries">;
export const WORK_QUEUES: readonly WorkQueue[] = QUEUES.filter(
  (queue): queue is WorkQueue => queue !== "dead" && queue !== "dead_deliveries",
);

export interface QueueFacts {
  /** Seconds that a function may take for a batch. */
  readonly timeoutSeconds: number;
  /** Seconds that a received message stays hidden, where that is not six times as long, as AWS advises for Lambda. */
  readonly visibilityTimeoutSeconds?: number;
  /** Receives after which SQS moves a message to the dead-letter queue. */
  readonly receives: number;
  /** Messages that a worker gets at once, at most; a single receive of SQS gives at most 10. */
  readonly batchSize: number;
  /** Messages that a pod receives at once, where those are more. */
  readonly podBatchSize?: number;
  /** Seconds for which Lambda collects a batch. */
  readonly windowSeconds?: number;
  /** Batches in progress at once, at most; where it is missing the size of the stage decides (infra/stages.ts). */
  readonly concurrency?: number;
}

/**
 * The most that SQS allows. A throttled trigger, whose function Lambda does not start, uses up a receive as well: so the count says
 * nothing about attempts, and retries end by rules of their own: deliveries after 72 hours (platform.md §4), examinations by a count in
 * the database, mail by its age; outcomes and sweeps must outlast any outage of the database. At 180 s or more each, these receives
 * last for two days of throttling.
 */
const RECEIVES_MAX = 1000;

const FACTS: Readonly<Record<WorkQueue, QueueFacts>> = {
  // One at a time: what lies behind a failure stays in the queue, unreceived, and a slow Markov takes no function to its limit.
  // A pod has no time limit, and a call of SQS for each message takes it as much CPU time as the rest of a delivery.
  deliveries: { timeoutSeconds: 30, receives: RECEIVES_MAX, batchSize: 1, podBatchSize: 10 },
  breaker: { timeoutSeconds: 45, receives: RECEIVES_MAX, batchSize: 1, concurrency: 2 },
  // One transaction, and one resume of the database, for up to a hundred outcomes.
  outcomes: { timeoutSeconds: 60, receives: RECEIVES_MAX, batchSize: 100, windowSeconds: 5 },
  // Read by the function of `outcomes`.
  attempts: { timeoutSeconds: 60, receives: RECEIVES_MAX, batchSize: 10 },
  // Examinations that start are counted in the database: a file that crashes the function each time is refused there.
  evidence: { timeoutSeconds: 120, receives: RECEIVES_MAX, batchSize: 1 },
  // A failed sweep is repeated after the outcomes that it had received are visible again: those are hidden for 360 s, from up to a run later.
  sweep: { timeoutSeconds: 60, receives: RECEIVES_MAX, batchSize: 10, visibilityTimeoutSeconds: 480 },
  // The worker waits longer each time, and dead-letters after seven hours.
  mail: { timeoutSeconds: 30, receives: RECEIVES_MAX, batchSize: 5, concurrency: 2 },
};

export const factsOf = (queue: WorkQueue): QueueFacts => FACTS[queue];

/** Messages that a pod receives with one call; SQS gives at most 10. */
export function receivedAtOnce(queue: WorkQueue): number {
  const { batchSize, podBatchSize = batchSize } = FACTS[queue];
  return Math.min(podBatchSize, 10);
}

/** How long a received message stays hidden. */
export const visibilityTimeoutSeconds = (queue: WorkQueue) =>
  FACTS[queue].visibilityTimeoutSeconds ?? 6 * FACTS[queue].timeoutSeconds;

export const deadLetterQueueOf = (queue: WorkQueue) => (isFifo(queue) ? "dead_deliveries" : "dead");
