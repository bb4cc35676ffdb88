import { createAlarm } from "./alarm.ts";
import { nameOf, stage } from "./stage.ts";

const FUNCTION = { FunctionName: nameOf("api", "function") };

/**
 * Creates an alarm that fires when the API fails for a quarter of an hour. Lambda's metric `Errors` does not suffice:
 * it does not count responses of 500 or 503. The function URL's 5xx metric also counts a crash, a timeout and code
 * that fails to load, which the URL reports as 502.
 *
 * The alarm fires at three failing periods of five minutes out of six, since requests may get a 503 in one or two
 * periods while a database resumes. One request in five minutes is enough for the alarm to fire.
 */
export function watchApi(): void {
  const words = { meaning: "The API answers with 5xx.", runbook: "api-failures" };
  const shape = {
    evaluationPeriods: 6,
    datapointsToAlarm: 3,
    comparisonOperator: "GreaterThanThreshold",
  };
  if (stage.alarms !== "full") {
    createAlarm("ApiFailures", words, {
      ...shape,
      namespace: "AWS/Lambda",
      metricName: "Url5xxCount",
      dimensions: FUNCTION,
      statistic: "Sum",
      period: 300,
      threshold: 0,
    });
    return;
  }
  // One failure among thousands of requests is within the service objective; among few requests (at night) a failure
  // rate of 50 % fires the alarm.
  createAlarm("ApiFailures", words, { ...shape, threshold: 1, metricQueries: failureRate(FUNCTION, 300) });
}

/** Number of requests in a period below which a failure rate counts only if it is 50 % or more. */
const ENOUGH_REQUESTS = 20;

/**
 * Returns the metric queries of an alarm for the percentage of failed requests. The result is 0 if the period has
 * fewer than ENOUGH_REQUESTS requests and less than half of them failed.
 */
export function failureRate(dimensions: Readonly<Record<string, string>>, period: number) {
  const query = (id: string, metricName: string) => ({
    id,
    metric: { namespace: "AWS/Lambda", metricName, dimensions, period, stat: "Sum" },
  });
  return [
    {
      id: "rate",
      expression: `IF(requests >= ${ENOUGH_REQUESTS} OR 2 * FILL(failures, 0) >= requests, 100 * FILL(failures, 0) / requests, 0)`,
      label: "5xx, percent",
      returnData: true,
    },
    query("failures", "Url5xxCount"),
    query("requests", "UrlRequestCount"),
  ];
}
