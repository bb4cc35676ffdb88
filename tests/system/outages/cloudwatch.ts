import * as v from "valibot";
import type { Resource } from "../../../infra/evaluate/resource.ts";
import { evaluateExpression } from "./expression.ts";

/** One value that AWS or one of our functions publishes in a minute. */
export interface Datum {
  readonly minute: number;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Delays in minutes until a value is visible. SQS publishes the values of an idle queue up to 15 minutes late (SQS
 * Developer Guide, "Monitoring Amazon SQS queues using CloudWatch"). Other values are published every minute. Our own
 * values pass through a log, for which one more minute is added.
 */
const SQS_DELAY_MINUTES = 15;
const DELAY_MINUTES = 2;
const delayOf = (namespace: string): number => (namespace === "AWS/SQS" ? SQS_DELAY_MINUTES : DELAY_MINUTES);

const METRIC = {
  namespace: v.string(),
  metricName: v.string(),
  dimensions: v.optional(v.record(v.string(), v.string()), {}),
};
const Query = v.object({
  id: v.string(),
  expression: v.optional(v.string()),
  returnData: v.optional(v.boolean(), false),
  metric: v.optional(v.object({ ...METRIC, period: v.number(), stat: v.string() })),
});
const Alarm = v.object({
  evaluationPeriods: v.number(),
  datapointsToAlarm: v.optional(v.number()),
  comparisonOperator: v.literal("GreaterThanThreshold"),
  threshold: v.number(),
  treatMissingData: v.picklist(["notBreaching", "breaching"]),
  period: v.optional(v.number()),
  statistic: v.optional(v.string()),
  extendedStatistic: v.optional(v.string()),
  namespace: v.optional(v.string()),
  metricName: v.optional(v.string()),
  dimensions: v.optional(v.record(v.string(), v.string())),
  metricQueries: v.optional(v.array(Query), []),
});
type Alarm = v.InferOutput<typeof Alarm>;
type Query = v.InferOutput<typeof Query>;

/** The queries of an alarm; for an alarm on one metric, a single query. */
function queriesOf(alarm: Alarm): Query[] {
  if (alarm.metricQueries.length > 0) return alarm.metricQueries;
  const { namespace, metricName, dimensions = {}, period = 60, statistic, extendedStatistic } = alarm;
  const metric = { namespace, metricName, dimensions, period, stat: statistic ?? extendedStatistic };
  return [v.parse(Query, { id: "only", returnData: true, metric })];
}

/**
 * The delay of an alarm's slowest metric, and the length of the window over which the alarm evaluates it, both in
 * minutes.
 */
export function patience(resource: Resource): { readonly delay: number; readonly window: number } {
  const alarm = v.parse(Alarm, resource.inputs);
  const metrics = queriesOf(alarm).flatMap(({ metric }) => metric ?? []);
  return {
    delay: Math.max(...metrics.map(({ namespace }) => delayOf(namespace))),
    window: ((alarm.datapointsToAlarm ?? alarm.evaluationPeriods) * (metrics[0]?.period ?? 60)) / 60,
  };
}

/**
 * The number of minutes after which an alarm goes off, including the delay of its metrics; undefined when it does not
 * within `minutes`. An alarm evaluates `evaluationPeriods` whole periods at a time; all values before the first minute
 * count as normal.
 */
export function firesAfter(resource: Resource, data: readonly Datum[], minutes: number): number | undefined {
  const alarm = v.parse(Alarm, resource.inputs);
  const queries = queriesOf(alarm);
  const period = (queries.find(({ metric }) => metric)?.metric?.period ?? 60) / 60;
  // Selected once and not for each period, which took half a minute for all outages.
  const metrics = queries.flatMap(({ id, metric }) => (metric ? [{ id, metric, data: dataOf(metric, data) }] : []));
  const isBreaching = Array.from({ length: Math.floor(minutes / period) }, (_, index) => {
    const values: Record<string, number | undefined> = {};
    for (const { id, metric, data: own } of metrics) values[id] = statisticOf(metric, own, index * period, period);
    const returned = queries.find(({ returnData }) => returnData);
    const value =
      returned?.expression === undefined ? values[returned?.id ?? ""] : evaluateExpression(returned.expression, values);
    return value === undefined ? alarm.treatMissingData === "breaching" : value > alarm.threshold;
  });
  const needed = alarm.datapointsToAlarm ?? alarm.evaluationPeriods;
  const fired = isBreaching.findIndex((_, last) => {
    const seen = isBreaching.slice(Math.max(0, last + 1 - alarm.evaluationPeriods), last + 1);
    return seen.filter(Boolean).length >= needed;
  });
  return fired === -1 ? undefined : (fired + 1) * period + patience(resource).delay;
}

type Metric = NonNullable<Query["metric"]>;

function dataOf(metric: Metric, data: readonly Datum[]): Datum[] {
  const isSame = (dimensions: Readonly<Record<string, string>>) =>
    Object.keys(dimensions).length === Object.keys(metric.dimensions).length &&
    Object.entries(dimensions).every(([name, value]) => metric.dimensions[name] === value);
  return data.filter(
    ({ namespace, metricName, dimensions }) =>
      namespace === metric.namespace && metricName === metric.metricName && isSame(dimensions),
  );
}

function statisticOf(metric: Metric, data: readonly Datum[], from: number, minutes: number): number | undefined {
  const values = data
    .filter(({ minute }) => minute >= from && minute < from + minutes)
    .map(({ value }) => value)
    .toSorted((a, b) => a - b);
  if (values.length === 0) return undefined;
  const sum = values.reduce((total, value) => total + value, 0);
  if (metric.stat === "Sum") return sum;
  if (metric.stat === "Average") return sum / values.length;
  if (metric.stat === "Maximum") return values.at(-1);
  if (metric.stat === "p95") return values[Math.ceil(values.length * 0.95) - 1];
  throw new Error(`the statistic ${metric.stat} is not known`);
}
