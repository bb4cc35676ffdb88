interface Definition {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of the buckets, ascending. */
  readonly buckets?: readonly number[];
  /**
   * Whether the metric has alarms. CloudWatch charges an alarm for each metric that it watches, so an alarmed metric is reported for the whole
   * stage and by label, but not by service.
   */
  readonly isAlarmed?: true;
  /** Whether, on Lambda, the request's log line contains the same value in another field, so that it is not logged twice. */
  readonly isInRequestLine?: true;
}

/**
 * Upper bounds of the buckets, in seconds. They include the service objectives (200 ms, 500 ms, 5 s), so that the share
 * of requests within an objective is exact.
 */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];
const BYTES = [65_536, 262_144, 1_048_576, 5_242_880, 10_485_760, 26_214_400, 104_857_600];

/**
 * Every metric of the platform (platform.md §5). Labels have small closed sets of values, since each combination costs money on CloudWatch.
 */
export const DEFINITIONS = {
  http_requests_total: {
    type: "counter",
    help: "Requests answered, by method, route pattern and status.",
    labels: ["method", "route", "status"],
    isInRequestLine: true,
  },
  http_request_duration_seconds: {
    type: "histogram",
    help: "Time from a request to its answer.",
    labels: ["method", "route"],
    buckets: SECONDS,
    isInRequestLine: true,
  },
  http_requests_in_progress: { type: "gauge", help: "Requests being answered now.", labels: [], isInRequestLine: true },
  webhook_delivery_total: { type: "counter", help: "Attempts to deliver an event to Markov.", labels: [] },
  webhook_delivery_success: { type: "counter", help: "Attempts that Markov accepted.", labels: [] },
  webhook_delivery_failure: {
    type: "counter",
    help: "Attempts that failed, by Markov's status, or `none` without a response.",
    labels: ["status"],
  },
  webhook_delivery_latency: {
    type: "histogram",
    help: "Seconds from an attempt to Markov's response.",
    labels: [],
    buckets: SECONDS,
  },
  webhook_retry_count: { type: "counter", help: "Attempts after the first one of an event.", labels: [] },
  webhook_operator_needed_total: {
    type: "counter",
    help: "Attempts after which an operator is needed: an event or message is dead (`dead`), our secret or address is wrong (`our_fault`), or a message has failed for too long (`stuck`).",
    labels: ["reason"],
    isAlarmed: true,
  },
  db_reader_total: {
    type: "counter",
    help: "Reads that a replica may answer, by who did: the replica (`reader`), or the database, since the replica was behind (`behind`) or failed (`away`).",
    labels: ["result"],
  },
  webhook_outbox_pending: { type: "gauge", help: "Events that are not delivered yet.", labels: [] },
  webhook_dead_letters: { type: "gauge", help: "Dead-lettered events that wait for an operator.", labels: [] },
  webhook_deliveries_paused: {
    type: "gauge",
    help: "Whether the circuit breaker has paused deliveries (1); on Lambda their trigger is off instead.",
    labels: [],
  },
  db_connections_active: { type: "gauge", help: "Database connections in use by this process.", labels: [] },
  db_query_duration_seconds: {
    type: "histogram",
    help: "Time of a database query.",
    labels: [],
    buckets: SECONDS,
  },
  outside_calls_with_connection_total: {
    type: "counter",
    help: "Outside calls (network, hashing, timers) made while a database connection was in use: a bug.",
    labels: ["call"],
  },
  cache_hits_total: { type: "counter", help: "Answers found in the cache.", labels: ["cache"] },
  cache_misses_total: { type: "counter", help: "Answers not found in the cache.", labels: ["cache"] },
  file_uploads_total: { type: "counter", help: "Files that were submitted as evidence.", labels: ["content_type"] },
  file_upload_size_bytes: {
    type: "histogram",
    help: "Size of the files that were submitted as evidence.",
    labels: [],
    buckets: BYTES,
  },
  push_sent_total: { type: "counter", help: "Pushes that a push service accepted.", labels: [] },
  push_failed_total: {
    type: "counter",
    help: "Attempts at a push that failed. gone: the subscription had ended and was removed. unknown: it may have been accepted, so it is not repeated.",
    labels: ["reason"],
  },
  mail_sent_total: { type: "counter", help: "Mails that the mail server accepted.", labels: [] },
  mail_failed_total: {
    type: "counter",
    help: "Mails not sent: refused permanently (`rejected`), to be retried (`retried`), or not accepted by the queue (`not_queued`).",
    labels: ["reason"],
  },
  evidence_processing_duration_seconds: {
    type: "histogram",
    help: "Time to examine a file.",
    labels: ["result"],
    buckets: SECONDS,
  },
} as const satisfies Record<string, Definition>;

export type Name = keyof typeof DEFINITIONS;
type OfType<T extends Definition["type"]> = {
  [K in Name]: (typeof DEFINITIONS)[K]["type"] extends T ? K : never;
}[Name];
export type CounterName = OfType<"counter">;
export type GaugeName = OfType<"gauge">;
export type HistogramName = OfType<"histogram">;
/** The labels of a metric, exactly as in its definition. */
export type Labels<N extends Name> = Readonly<Record<(typeof DEFINITIONS)[N]["labels"][number], string>>;
