import { createAlarm } from "./alarm.ts";
import { OLDEST_SECONDS, WATCHED_QUEUES, ageOfOldest } from "./queue-age.ts";
import { queues } from "./queues.ts";
import { UNTIL_MENDED, operatorNeeded } from "./operator-metric.ts";

/** What staging and tenants watch beside the API. CloudWatch bills each metric of an alarm, ten cents a month: so they are few. */
export function watchSmallStage(): void {
  watchDeadLetters();
  watchAges();
  // One metric for all reasons.
  createAlarm(
    "OperatorNeeded",
    {
      meaning:
        "A function fails, an event or message is dead, Markov refuses us, or a message has failed for too long.",
      runbook: "operator-needed",
    },
    { ...operatorNeeded(), ...UNTIL_MENDED },
  );
}

function watchDeadLetters(): void {
  const dead = Object.entries({ dead: queues.dead, deadDeliveries: queues.deadDeliveries }).map(([id, queue]) => ({
    id,
    metric: {
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: queue.nodes.queue.name },
      period: 300,
      stat: "Maximum",
    },
  }));
  createAlarm(
    "DeadLetters",
    { meaning: "A dead-letter queue has messages.", runbook: "dead-letters" },
    {
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      evaluationPeriods: 1,
      metricQueries: [
        {
          id: "all",
          expression: `SUM([${dead.map(({ id }) => id).join(",")}])`,
          label: "dead letters",
          returnData: true,
        },
        ...dead,
      ],
    },
  );
}

/** A worker whose trigger is off, or that is throttled, logs nothing: its messages grow old. */
function watchAges(): void {
  const shares = WATCHED_QUEUES.map((name) => `100 * FILL(${name}, 0) / ${OLDEST_SECONDS[name]}`);
  createAlarm(
    "QueuesLate",
    { meaning: "The oldest message of a queue waits longer than it may.", runbook: "queue-late" },
    {
      comparisonOperator: "GreaterThanThreshold",
      threshold: 100,
      evaluationPeriods: 1,
      metricQueries: [
        {
          id: "worst",
          expression: `MAX([${shares.join(", ")}])`,
          label: "age of the oldest, percent of what is tolerated",
          returnData: true,
        },
        ...WATCHED_QUEUES.map((name) => ageOfOldest(name, 300)),
      ],
    },
  );
}
