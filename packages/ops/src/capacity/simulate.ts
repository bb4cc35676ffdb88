import type { LoadProfile } from "../cost/profile.ts";
import { percentileMs } from "./queueing.ts";
import type { Shape } from "./shape.ts";

/**
 * Relative number of requests in each hour of a day: few at night, most in the evening. The peak is 2.7 times the
 * mean.
 */
const HOURS = [4, 2, 1, 1, 2, 6, 14, 20, 24, 24, 22, 24, 30, 28, 26, 28, 36, 48, 60, 70, 72, 56, 32, 12];
const DAY_SUM = HOURS.reduce((sum, one) => sum + one, 0);
/**
 * Factor by which the busiest minute exceeds the mean of the busiest hour, such as after an appointment or a message
 * to all.
 */
const BURST = 1.7;
const SECONDS_A_DAY = 86_400;
const DAYS_A_MONTH = 365 / 12;

/**
 * CPU time of the database for a request, and the vCPU of one ACU, about a quarter
 * (packages/ops/src/cost/profile.ts).
 */
const DATABASE_MS = 3;
const ACU_VCPU = 0.25;
/** Share of its capacity above which a database makes its callers wait noticeably. */
const COMFORTABLE = 0.7;
/** Time that Aurora takes to resume, and the factor by which its capacity grows in ten seconds. */
const RESUME_MS = 15_000;
const GROWTH_IN_TEN_SECONDS = 1.5;
const DELIVERY_MS = 300;
const EXAMINATION_MS = 1_500;

/** The use of one resource in the busiest minute. A resource with a share above 1 is a bottleneck. */
export interface Use {
  readonly what: string;
  readonly share: number;
}

export interface Capacity {
  readonly shape: string;
  readonly users: number;
  readonly requestsPerSecond: { readonly mean: number; readonly peak: number };
  /** 95th percentile of the API in the busiest minute, in milliseconds; Infinity if the API is overloaded. */
  readonly p95Ms: number;
  /** Duration of the first request to an auto-paused database. */
  readonly firstRequestMs: number;
  readonly acuAtPeak: number;
  readonly secondsToScale: number;
  /**
   * Maximum number of events that wait for Markov in a day, and the number of minutes after midnight until the queue
   * is empty again (Infinity if never).
   */
  readonly backlog: number;
  readonly drainMinutes: number;
  readonly uses: readonly Use[];
  readonly bottleneck: Use;
}

/** Simulates one day of a stage under a load, minute by minute. */
export function simulate(shape: Shape, load: LoadProfile): Capacity {
  const perDay = load.requests / DAYS_A_MONTH;
  const hourly = (hour: number) => (perDay * (HOURS[hour % 24] ?? 0)) / DAY_SUM / 3600;
  const busiest = Math.max(...HOURS.map((_, hour) => hourly(hour)));
  const peak = busiest * BURST;
  const apiLoad = (peak * load.requestMilliseconds) / 1000;
  const cpu = (peak * DATABASE_MS) / 1000;
  const acuAtPeak = cpu / ACU_VCPU / COMFORTABLE;
  const databaseCores = Math.max(1, Math.round(Math.min(Math.max(acuAtPeak, shape.minAcu), shape.maxAcu) * ACU_VCPU));
  const database = percentileMs(0.95, { servers: databaseCores, load: cpu, serviceMs: DATABASE_MS, variation: 2 });
  const api = percentileMs(0.95, {
    servers: shape.apiConcurrency,
    load: apiLoad,
    serviceMs: load.requestMilliseconds,
    variation: 2,
  });
  const { backlog, drainMinutes, deliveredPerMinute } = deliver(shape, load);
  const peakEvents = ((load.events / DAYS_A_MONTH) * Math.max(...HOURS)) / DAY_SUM / 60;
  const uses: Use[] = [
    { what: "concurrency of the API", share: apiLoad / shape.apiConcurrency },
    { what: "capacity of the writer", share: acuAtPeak / shape.maxAcu },
    {
      what: "sessions of the database",
      share: (apiLoad * shape.sessionsPerInstance + shape.otherSessions) / shape.sessions,
    },
    { what: "deliveries to Markov", share: peakEvents / deliveredPerMinute },
    {
      what: "examinations of photographs",
      share:
        ((((load.photos / DAYS_A_MONTH) * Math.max(...HOURS)) / DAY_SUM / 3600) * (EXAMINATION_MS / 1000)) /
        shape.examiners,
    },
    { what: "new instances of the API", share: (apiLoad * (1 - 1 / BURST)) / (shape.instancesPerTenSeconds * 6) },
  ].toSorted((left, right) => right.share - left.share);
  const [bottleneck = { what: "nothing", share: 0 }] = uses;
  const growth = Math.max(acuAtPeak, 0.5) / Math.max(shape.minAcu, 0.5);
  return {
    shape: shape.name,
    users: load.users,
    requestsPerSecond: { mean: perDay / SECONDS_A_DAY, peak },
    p95Ms: api + Math.max(0, database - DATABASE_MS * 3),
    firstRequestMs: shape.minAcu === 0 ? RESUME_MS + load.requestMilliseconds : load.coldStartMilliseconds,
    acuAtPeak,
    secondsToScale: growth <= 1 ? 0 : Math.ceil(Math.log(growth) / Math.log(GROWTH_IN_TEN_SECONDS)) * 10,
    backlog,
    drainMinutes,
    uses,
    bottleneck,
  };
}

/** Computes the backlog of each minute: events arrive with the day's curve and are delivered at Markov's rate. */
function deliver(shape: Shape, load: LoadProfile) {
  const perDay = (load.events * load.attemptsPerEvent) / DAYS_A_MONTH;
  const deliveredPerMinute = Math.min(shape.markovPerMinute, (shape.senders * 60_000) / DELIVERY_MS);
  const arrivals = (minute: number) => (perDay * (HOURS[Math.floor(minute / 60) % 24] ?? 0)) / DAY_SUM / 60;
  let waiting = 0;
  let backlog = 0;
  let lastWaiting = -1;
  for (let minute = 0; minute < 2 * 1440; minute += 1) {
    waiting = Math.max(0, waiting + arrivals(minute) - deliveredPerMinute);
    backlog = Math.max(backlog, waiting);
    if (waiting > 0) lastWaiting = minute;
  }
  const isEndless = perDay > deliveredPerMinute * 1440;
  const drainMinutes = isEndless ? Number.POSITIVE_INFINITY : lastWaiting < 0 ? 0 : (lastWaiting % 1440) + 1;
  return { backlog: Math.round(backlog), drainMinutes, deliveredPerMinute };
}
