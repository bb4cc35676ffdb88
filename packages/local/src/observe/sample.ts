/** Values in Prometheus' text format, by name and labels, such as `http_requests_total{status="200"}`. */
export type Scrape = ReadonlyMap<string, number>;

/** The values that were read from the stack at one time. */
export interface Sample {
  /** Time of the sample, in milliseconds since 1970. */
  readonly at: number;
  /** The metrics of each process that responded. */
  readonly scrapes: readonly Scrape[];
  /** Number of messages in each queue, including those in flight. Queues that did not respond are absent. */
  readonly depths: Readonly<Record<string, number>>;
}

export function parseScrape(text: string): Scrape {
  const found = text
    .split("\n")
    .map((line) => /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line))
    .flatMap((match): [string, number][] => (match ? [[match[1] ?? "", Number(match[2])]] : []));
  return new Map(found.filter(([, value]) => Number.isFinite(value)));
}

const isOf = (key: string, name: string) => key === name || key.startsWith(`${name}{`);
const labelOf = (key: string, label: string) => new RegExp(`[{,]${label}="([^"]*)"`).exec(key)?.[1];

/** Returns the sum of a metric over its series and all processes. */
export function sumOf({ scrapes }: Sample, name: string, isWanted: (key: string) => boolean = () => true): number {
  let sum = 0;
  for (const scrape of scrapes) for (const [key, value] of scrape) if (isOf(key, name) && isWanted(key)) sum += value;
  return sum;
}

/** Returns the maximum over all processes, for gauges that every process sets to the same value. */
export function mostOf({ scrapes }: Sample, name: string): number {
  return Math.max(
    0,
    ...scrapes.flatMap((scrape) => [...scrape].flatMap(([key, value]) => (isOf(key, name) ? value : []))),
  );
}

/** Returns the growth of a counter per second; 0 after a restart, which resets the counter. */
export function rateOf(before: Sample, now: Sample, count: (sample: Sample) => number): number {
  const seconds = (now.at - before.at) / 1000;
  return seconds > 0 ? Math.max(0, count(now) - count(before)) / seconds : 0;
}

/**
 * Estimates a quantile of the values that a histogram counted between two samples. It interpolates linearly within a
 * bucket, like Prometheus.
 * @param share 0–1
 * @returns undefined if no value was counted
 */
export function quantileOf(before: Sample, now: Sample, name: string, share: number): number | undefined {
  const grown = new Map<number, number>();
  const add = (sample: Sample, sign: 1 | -1) => {
    for (const scrape of sample.scrapes)
      for (const [key, value] of scrape) {
        if (!isOf(key, `${name}_bucket`)) continue;
        const bound = labelOf(key, "le") === "+Inf" ? Infinity : Number(labelOf(key, "le"));
        grown.set(bound, (grown.get(bound) ?? 0) + sign * value);
      }
  };
  add(before, -1);
  add(now, 1);
  const buckets = [...grown].toSorted(([a], [b]) => a - b);
  const all = buckets.at(-1)?.[1] ?? 0;
  if (all <= 0) return undefined;
  const rank = share * all;
  let [lowest, below] = [0, 0];
  for (const [bound, count] of buckets) {
    if (count >= rank)
      return bound === Infinity ? lowest : lowest + ((bound - lowest) * (rank - below)) / Math.max(count - below, 1);
    [lowest, below] = [bound, count];
  }
  return lowest;
}
