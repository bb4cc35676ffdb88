import { createAlarm } from "./alarm.ts";
import { live } from "./api.ts";
import { queues } from "./queues.ts";
import { operatorNeeded } from "./operator-metric.ts";
import { nameOf } from "./stage.ts";

const onAlias = { FunctionName: nameOf("api", "function"), Resource: `${nameOf("api", "function")}:live` };

/** What rolls a release back: failing answers, slow answers, deliveries given up (infrastructure.md §5). */
export const canaryAlarms: aws.cloudwatch.MetricAlarm[] =
  live === undefined ? [] : [failures(), slowness(), deadDeliveries(), givenUp()];

function failures() {
  const query = (id: string, metricName: string) => ({
    id,
    metric: { namespace: "AWS/Lambda", metricName, dimensions: onAlias, period: 60, stat: "Sum" },
  });
  return createAlarm(
    "ApiFailureRate",
    { meaning: "More than 1 % of requests are answered with 5xx.", runbook: "api-failures" },
    {
      comparisonOperator: "GreaterThanThreshold",
      threshold: 1,
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      metricQueries: [
        // A few requests at night are no rate.
        {
          id: "rate",
          expression: "IF(requests >= 20, 100 * failures / requests, 0)",
          label: "5xx, percent",
          returnData: true,
        },
        query("failures", "Url5xxCount"),
        query("requests", "UrlRequestCount"),
      ],
    },
  );
}

function slowness() {
  return createAlarm(
    "ApiSlow",
    { meaning: "The slowest 5 % of requests take longer than 500 ms.", runbook: "api-failures" },
    {
      namespace: "AWS/Lambda",
      metricName: "Duration",
      dimensions: onAlias,
      extendedStatistic: "p95",
      period: 60,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 500,
    },
  );
}

function deadDeliveries() {
  return createAlarm(
    "DeliveriesDeadLetters",
    { meaning: "The sender of deliveries has given up messages.", runbook: "dead-letters" },
    {
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: queues.deadDeliveries.nodes.queue.name },
      statistic: "Maximum",
      period: 60,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
    },
  );
}

/** Markov's own verdicts leave nothing in a queue of dead letters. */
function givenUp() {
  return createAlarm(
    "DeliveriesGivenUp",
    { meaning: "Events were given up: Markov refuses them, or their 72 hours are over.", runbook: "dead-letters" },
    {
      ...operatorNeeded("dead"),
      statistic: "Sum",
      period: 60,
      // What functions tell through their logs can come a minute late.
      evaluationPeriods: 5,
      datapointsToAlarm: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
    },
  );
}
