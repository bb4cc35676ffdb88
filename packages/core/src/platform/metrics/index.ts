import {
  type CounterName,
  DEFINITIONS,
  type GaugeName,
  type HistogramName,
  type Labels,
  type Name,
} from "./definitions.ts";
import { Log } from "../log.ts";
import { type Series, toEmf, toFields, toPrometheus } from "./render.ts";

const series = new Map<string, Series>();
let isForLambda = false;

type LabelArguments<N extends Name> = (typeof DEFINITIONS)[N]["labels"]["length"] extends 0 ? [] : [labels: Labels<N>];

/** Adds one to a counter. */
export function count<N extends CounterName>(name: N, ...[labels]: LabelArguments<N>): void {
  const one = find(name, labels ?? {});
  one.value += 1;
  one.pendingCount += 1;
}

/** Adds `by` to a gauge. */
export function shift(name: GaugeName, by: number): void {
  const one = find(name, {});
  one.value += by;
  one.highest = Math.max(one.highest, one.value);
  one.isTouched = true;
}

/** Sets a gauge. */
export function set(name: GaugeName, value: number): void {
  const one = find(name, {});
  one.value = value;
  one.highest = value;
  one.isTouched = true;
}

/** Records one observation of a histogram, in the unit that the metric's name contains: seconds or bytes. */
export function observe<N extends HistogramName>(name: N, value: number, ...[labels]: LabelArguments<N>): void {
  const one = find(name, labels ?? {});
  one.value += value;
  one.count += 1;
  const { buckets } = DEFINITIONS[name];
  // Starts at the last bucket, which has the largest bound, and ends at the first bound that is smaller than the value.
  for (let index = buckets.length - 1; index >= 0 && value <= (buckets[index] ?? 0); index -= 1)
    one.buckets[index] = (one.buckets[index] ?? 0) + 1;
  one.pendingCount += 1;
  one.pendingSum += value;
  one.pendingMax = Math.max(one.pendingMax, value);
}

/**
 * From now on keeps observations for {@link flush}. Prometheus cannot scrape a Lambda function, so the function writes
 * its metrics to the log.
 */
export function forLambda(): void {
  isForLambda = true;
}

/** Whether this process writes its metrics to the log instead of being scraped. */
export const isFlushed = () => isForLambda;

/** All metrics of this process in Prometheus' text format 0.0.4. */
export function render(): string {
  return toPrometheus([...series.values()]);
}

/**
 * The changes since the last call, as fields of a log line; empty on servers, which are scraped. Excludes alarmed metrics, which {@link flush}
 * writes.
 */
export function takeFields(): Readonly<Record<string, number>> {
  if (!isForLambda) return {};
  const all = [...series.values()];
  const fields = toFields(all);
  for (const one of all) if (!("isAlarmed" in DEFINITIONS[one.name])) clearPending(one);
  return fields;
}

/** Logs the changes of alarmed metrics as CloudWatch metrics, and all other unlogged changes as fields of one line. */
export function flush(): void {
  const all = [...series.values()];
  for (const line of toEmf(all, { ...Log.origin(), at: Date.now() })) Log.raw(line);
  const fields = toFields(all);
  if (Object.keys(fields).length > 0) Log.info("metrics", fields);
  for (const one of all) clearPending(one);
}

function clearPending(one: Series): void {
  one.pendingCount = 0;
  one.pendingSum = 0;
  one.pendingMax = 0;
  one.highest = one.value;
  one.isTouched = false;
}

/** Clears all metrics (tests). */
export function reset(): void {
  series.clear();
  isForLambda = false;
}

function find(name: Name, labels: Readonly<Record<string, string>>): Series {
  let key: string = name;
  for (const label of DEFINITIONS[name].labels) key += `\u0000${labels[label]}`;
  const known = series.get(key);
  if (known) return known;
  const made: Series = {
    name,
    labels,
    value: 0,
    count: 0,
    buckets: [],
    pendingCount: 0,
    pendingSum: 0,
    pendingMax: 0,
    highest: 0,
    isTouched: false,
  };
  series.set(key, made);
  return made;
}

export * as Metrics from "./index.ts";
