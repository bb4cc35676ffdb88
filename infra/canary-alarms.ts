import { createAlarm } from "./alarm.ts";
import { failureRate } from "./api-alarms.ts";
import { live } from "./api.ts";
import { operatorNeeded } from "./operator-metric.ts";
import { nameOf } from "./stage.ts";

const onAlias = { FunctionName: nameOf("api", "function"), Resource: `${nameOf("api", "function")}:live` };

/**
 * Alarms that roll a release back: failed responses, slow responses, dead events (infrastructure.md §5). Each alarm
 * can fire within the minutes of a canary, including the delay of its metric. The size of a dead-letter queue cannot
 * be such a metric, since SQS publishes it up to 15 minutes late for a queue that was idle; so the worker's own count
 * of dead events is used.
 */
export const canaryAlarms: aws.cloudwatch.MetricAlarm[] =
  live === undefined ? [] : [failures(), slowness(), deadEvents()];

function failures() {
  return createAlarm(
    "ApiFailureRate",
    { meaning: "More than 1 % of requests are answered with 5xx.", runbook: "api-failures" },
    {
      comparisonOperator: "GreaterThanThreshold",
      threshold: 1,
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      metricQueries: failureRate(onAlias, 60),
    },
  );
}

/**
 * Number of requests a minute below which CloudWatch considers a 95th percentile insignificant: fewer than 10 / (1 -
 * 0.95) samples in a period.
 */
export const CANARY_REQUESTS_PER_MINUTE = 200;

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
      // Ignores periods with fewer requests than CANARY_REQUESTS_PER_MINUTE, in which a few cold starts would roll
      // back a good release.
      evaluateLowSampleCountPercentiles: "ignore",
    },
  );
}

/** Creates the alarm for dead events: Markov rejects the new version's events, or a worker cannot parse its messages. */
function deadEvents() {
  return createAlarm(
    "DeliveriesDead",
    { meaning: "Events are dead: Markov refuses them, or their retries are over.", runbook: "dead-letters" },
    {
      ...operatorNeeded("dead"),
      statistic: "Sum",
      period: 60,
      // Looks at five minutes, since metrics from a log can be a minute late.
      evaluationPeriods: 5,
      datapointsToAlarm: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
    },
  );
}
