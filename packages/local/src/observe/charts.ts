import { type Sample, mostOf, quantileOf, rateOf, sumOf } from "./sample.ts";

export interface Line {
  readonly name: string;
  /** One value for each sample except the first; undefined where the sample has no value. */
  readonly values: readonly (number | undefined)[];
}

export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
}

const LATENCY = "http_request_duration_seconds";

/** Returns the charts of these samples, which are ordered from the oldest. */
export function chartsOf(samples: readonly Sample[]): Chart[] {
  const steps = samples.slice(1).map((now, index) => ({ before: samples[index] ?? now, now }));
  const line = (name: string, value: (before: Sample, now: Sample) => number | undefined): Line => ({
    name,
    values: steps.map(({ before, now }) => value(before, now)),
  });
  const rate = (name: string, metric: string, isWanted?: (key: string) => boolean) =>
    line(name, (before, now) => rateOf(before, now, (sample) => sumOf(sample, metric, isWanted)));
  const quantile = (name: string, share: number) =>
    line(name, (before, now) => {
      const seconds = quantileOf(before, now, LATENCY, share);
      return seconds === undefined ? undefined : seconds * 1000;
    });
  const level = (name: string, metric: string) => line(name, (_, now) => mostOf(now, metric));
  const queues = [...new Set(samples.flatMap(({ depths }) => Object.keys(depths)))];
  return [
    {
      title: "Requests",
      unit: "/s",
      lines: [
        rate("all", "http_requests_total"),
        rate("refused (4xx)", "http_requests_total", (key) => /status="4/.test(key)),
        rate("failed (5xx)", "http_requests_total", (key) => /status="5/.test(key)),
      ],
    },
    { title: "Time to answer", unit: " ms", lines: [quantile("p50", 0.5), quantile("p95", 0.95)] },
    {
      title: "Queue depths",
      unit: "",
      lines: queues.map((queue) => line(queue, (_, now) => now.depths[queue])),
    },
    {
      title: "Deliveries",
      unit: "/s",
      lines: [rate("accepted", "webhook_delivery_success"), rate("failed", "webhook_delivery_failure")],
    },
    {
      title: "Events",
      unit: "",
      lines: [level("not delivered yet", "webhook_outbox_pending"), level("dead letters", "webhook_dead_letters")],
    },
    {
      title: "Circuit breaker",
      unit: "",
      lines: [level("pauses deliveries (1)", "webhook_deliveries_paused")],
    },
    {
      title: "Database connections in use",
      unit: "",
      lines: [line("all processes", (_, now) => sumOf(now, "db_connections_active"))],
    },
  ];
}
