import { createAlarm } from "./alarm.ts";
import { OLDEST_SECONDS, WATCHED_QUEUES, ageOfOldest } from "./queue-age.ts";
import { queues } from "./queues.ts";
import { UNTIL_MENDED, operatorNeeded } from "./operator-metric.ts";

/**
 * Creates the alarms of staging and tenants, in addition to the API's. They are few, since CloudWatch bills ten cents
 * a month for each metric of an alarm.
 */
export function watchSmallStage(): void {
  watchDeadLetters();
  watchAges();
  // All reasons for which an operator is needed share one metric, so that this alarm costs ten cents.
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

/**
 * Watches the age of the oldest messages: a worker that is throttled, or whose trigger is disabled, logs nothing, and
 * only this age shows the fault.
 */
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
