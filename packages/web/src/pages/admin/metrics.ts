/** The values of one response of `/metrics` that the charts show. */
export interface Sample {
  readonly at: number;
  readonly requests: number;
  readonly errors: number;
  readonly seconds: number;
  readonly pending: number;
  readonly delivered: number;
  readonly dead: number;
  /** Whether the circuit breaker of a process has paused deliveries. */
  readonly isPaused: boolean;
}

/** Sums of the Prometheus text's series, by name. */
export function sampleOf(text: string, at: number): Sample {
  const sum = (name: string, isWanted: (labels: string) => boolean = () => true) =>
    text
      .split("\n")
      .map((line) => /^(\w+)(\{.*\})?\s+([\d.eE+-]+)/.exec(line))
      .filter((found) => found?.[1] === name && isWanted(found[2] ?? ""))
      .reduce((total, found) => total + Number(found?.[3] ?? 0), 0);
  return {
    at,
    requests: sum("http_requests_total"),
    errors: sum("http_requests_total", (labels) => /status="5/.test(labels)),
    seconds: sum("http_request_duration_seconds_sum"),
    pending: sum("webhook_outbox_pending"),
    delivered: sum("webhook_delivery_success"),
    dead: sum("webhook_dead_letters"),
    isPaused: sum("webhook_deliveries_paused") > 0,
  };
}
