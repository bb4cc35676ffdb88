import { createAlarm } from "./alarm.ts";
import { nameOf, stage } from "./stage.ts";

const FUNCTION = { FunctionName: nameOf("api", "function") };

/**
 * Rings when the API fails for a quarter of an hour. `Errors` of Lambda would not do: an answer of 500 or 503 is none, while a crash, a
 * timeout or code that does not load is a 502 of the function URL and counted as 5xx too.
 *
 * A database that resumes may cost requests a 503, in one period of five minutes or in two: three of six ring. Few requests are
 * enough, one in five minutes.
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
  // One failure among thousands of requests is within the objective; of few requests (a night) half is too many.
  createAlarm("ApiFailures", words, { ...shape, threshold: 1, metricQueries: failureRate(FUNCTION, 300) });
}

/** Below this number of requests in a period the failure rate is not significant: then only a rate of half or more counts. */
const ENOUGH_REQUESTS = 20;

/** The percentage of requests that fail, for an alarm. 0 where few requests fail among few. */
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
