import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import autocannon from "autocannon";
import { median } from "./paired.ts";
import { percentiles } from "./slice.ts";
import type { Stage } from "./stage.ts";
import {
  type Request,
  firstPage,
  mixed,
  newContribution,
  newTask,
  oneTask,
  ownContributions,
  randomPage,
} from "./work.ts";

const FOLDER = join(import.meta.dirname, "..", "..", ".local", "bench");
const CONNECTIONS = 50;
const SAMPLE_SECONDS = 1;

/**
 * Sends requests at a rate that does not depend on the responses, 85 % of them reads. Latency is measured from the time at which a request was due.
 * @param minutes 10, or 60 for a soak test
 * @param rate requests per second: 300 are three times the peak of 100,000 members
 */
export async function load(stage: Stage, tasks: number, minutes: number, rate: number): Promise<void> {
  const queue = await stage.program("queue stub", "queue-stub.ts");
  const api = await stage.api("ours", stage.queuesAt(queue.url));
  const tokens = await stage.members(api);
  const next: () => Request = mixed([
    [35, firstPage(tokens)],
    [20, randomPage(tasks, tokens)],
    [20, oneTask(tasks, tokens)],
    [10, ownContributions(tokens)],
    [10, newContribution(tokens)],
    [5, newTask(tokens)],
  ]);
  const samples: { readonly minutes: number; readonly megabytes: number }[] = [];
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 60_000;
  const sampling = setInterval(
    () => samples.push({ minutes: elapsed(), megabytes: api.residentMegabytes() }),
    SAMPLE_SECONDS * 1000,
  );
  const cpuBefore = api.cpuSeconds();
  const result = await autocannon({
    url: api.url,
    connections: CONNECTIONS,
    overallRate: rate,
    duration: minutes * 60,
    requests: [{ setupRequest: (request) => ({ ...request, ...next() }) }],
  });
  clearInterval(sampling);
  const megabytes = samples.map((each) => each.megabytes);
  const figures = {
    minutes,
    requests: result.requests.total,
    perSecond: Number((result.requests.total / result.duration).toFixed(1)),
    errors: result.non2xx + result.errors,
    statuses: Object.fromEntries(
      Object.entries(result.statusCodeStats ?? {}).map(([status, { count }]) => [status, count]),
    ),
    ...percentiles(result),
    cpuMsPerRequest: Number(((1000 * (api.cpuSeconds() - cpuBefore)) / result.requests.total).toFixed(2)),
    residentMegabytes: { median: Math.round(median(megabytes)), most: Math.round(Math.max(...megabytes)) },
    growthPerHour: `${(100 * growthPerHour(samples)).toFixed(1)} %`,
  };
  process.stdout.write(`load: ${JSON.stringify(figures, undefined, 2)}\n`);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "load.json"), `${JSON.stringify({ ...figures, samples }, undefined, 2)}\n`);
}

/** Returns the slope of memory over the second half of the run, by least squares, as a share of its mean per hour. */
function growthPerHour(samples: readonly { readonly minutes: number; readonly megabytes: number }[]): number {
  const late = samples.slice(Math.floor(samples.length / 2));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(late.map((each) => each.minutes)), mean(late.map((each) => each.megabytes))];
  const slope =
    mean(late.map((each) => (each.minutes - x) * (each.megabytes - y))) /
    mean(late.map((each) => (each.minutes - x) ** 2));
  return (60 * slope) / y;
}
