/**
 * Names of the Grafana dashboards ("boards"). CloudWatch has one dashboard for all graphs, since each costs $3 a
 * month there.
 */
export const BOARDS = ["application", "delivery", "database", "evidence"] as const;
export type Board = (typeof BOARDS)[number];
export type Unit = "reqps" | "percentunit" | "s" | "short" | "cps" | "bytes";
/** A Prometheus query, for servers and pods. */
export type Query = readonly [legend: string, expression: string];

/** A CloudWatch query, for Lambda. `infra/dashboard.ts` resolves `of` to resource names. */
export interface CloudWatchGraph {
  readonly title: string;
  readonly stat: "Sum" | "Average" | "Maximum" | "p95";
  readonly of: "api" | "workers" | "queues" | "deadQueues" | "operator" | "cluster" | "cacheNodes";
  readonly metrics: readonly string[];
}

/** A graph with its queries for Grafana and for CloudWatch; one of the two may be absent. */
export interface Graph {
  readonly title: string;
  readonly board: Board;
  readonly unit: Unit;
  readonly queries?: readonly Query[];
  /** The service objective, which is drawn as a line. */
  readonly objective?: number;
  readonly cloudWatch?: CloudWatchGraph;
}

const quantile = (share: number, metric: string, by = "le") =>
  `histogram_quantile(${share}, sum by (${by}) (rate(${metric}_bucket[$__rate_interval])))`;
const rate = (metric: string, by?: string) =>
  `sum${by === undefined ? "" : ` by (${by})`} (rate(${metric}[$__rate_interval]))`;
const quantiles = (shares: readonly number[], metric: string): Query[] =>
  shares.map((share) => [`p${100 * share}`, quantile(share, metric)]);

/** The graphs of all dashboards. Every metric of the platform is in one of them (tests/infra/monitoring). */
export const GRAPHS: readonly Graph[] = [
  {
    title: "Requests",
    board: "application",
    unit: "reqps",
    queries: [["{{status}}", rate("http_requests_total", "status")]],
    cloudWatch: {
      title: "Requests and failures",
      stat: "Sum",
      of: "api",
      metrics: ["UrlRequestCount", "Url5xxCount", "Url4xxCount"],
    },
  },
  {
    title: "Requests that failed",
    board: "application",
    unit: "percentunit",
    objective: 0.01,
    queries: [["5xx", "gotong:http_errors:ratio_rate5m"]],
  },
  {
    title: "Time to answer",
    board: "application",
    unit: "s",
    objective: 0.2,
    queries: quantiles([0.5, 0.95, 0.99], "http_request_duration_seconds"),
    cloudWatch: { title: "Time to answer, ms", stat: "p95", of: "api", metrics: ["Duration"] },
  },
  {
    title: "Slowest routes, p95",
    board: "application",
    unit: "s",
    queries: [
      ["{{method}} {{route}}", `topk(5, ${quantile(0.95, "http_request_duration_seconds", "le, method, route")})`],
    ],
  },
  {
    title: "Requests at once",
    board: "application",
    unit: "short",
    queries: [["{{instance}}", "http_requests_in_progress"]],
    cloudWatch: { title: "At once", stat: "Maximum", of: "api", metrics: ["ConcurrentExecutions", "Throttles"] },
  },
  {
    title: "Mail",
    board: "application",
    unit: "cps",
    queries: [
      ["sent", rate("mail_sent_total")],
      ["not sent: {{reason}}", rate("mail_failed_total", "reason")],
    ],
  },
  {
    title: "Pushes",
    board: "application",
    unit: "cps",
    queries: [
      ["sent", rate("push_sent_total")],
      ["not sent: {{reason}}", rate("push_failed_total", "reason")],
    ],
  },
  {
    title: "Errors of workers",
    board: "delivery",
    unit: "short",
    cloudWatch: { title: "Errors of workers", stat: "Sum", of: "workers", metrics: ["Errors"] },
  },
  {
    title: "Deliveries",
    board: "delivery",
    unit: "cps",
    queries: [
      ["attempts", rate("webhook_delivery_total")],
      ["accepted", rate("webhook_delivery_success")],
      ["failed: {{status}}", rate("webhook_delivery_failure", "status")],
      ["repeated", rate("webhook_retry_count")],
      ["calls for an operator: {{reason}}", rate("webhook_operator_needed_total", "reason")],
    ],
  },
  {
    title: "Time of a delivery",
    board: "delivery",
    unit: "s",
    objective: 5,
    queries: quantiles([0.5, 0.95], "webhook_delivery_latency"),
  },
  {
    title: "Events that wait",
    board: "delivery",
    unit: "short",
    queries: [
      ["not delivered yet", "max(webhook_outbox_pending)"],
      ["dead-lettered", "max(webhook_dead_letters)"],
    ],
    cloudWatch: {
      title: "Waiting",
      stat: "Maximum",
      of: "queues",
      metrics: ["ApproximateNumberOfMessagesVisible"],
    },
  },
  {
    title: "Deliveries paused by the circuit breaker",
    board: "delivery",
    unit: "short",
    queries: [["{{instance}}", "webhook_deliveries_paused"]],
  },
  {
    title: "Age of the oldest message",
    board: "delivery",
    unit: "s",
    cloudWatch: {
      title: "Age of the oldest, s",
      stat: "Maximum",
      of: "queues",
      metrics: ["ApproximateAgeOfOldestMessage"],
    },
  },
  {
    title: "Dead-lettered messages",
    board: "delivery",
    unit: "short",
    cloudWatch: {
      title: "Dead-lettered",
      stat: "Maximum",
      of: "deadQueues",
      metrics: ["ApproximateNumberOfMessagesVisible"],
    },
  },
  {
    title: "Calls for an operator",
    board: "delivery",
    unit: "short",
    cloudWatch: { title: "Calls for an operator", stat: "Sum", of: "operator", metrics: ["dead", "our_fault"] },
  },
  {
    title: "Capacity of the database",
    board: "database",
    unit: "short",
    cloudWatch: {
      title: "Database capacity, ACU",
      stat: "Average",
      of: "cluster",
      metrics: ["ServerlessDatabaseCapacity"],
    },
  },
  {
    title: "Database connections in use",
    board: "database",
    unit: "short",
    queries: [["{{instance}}", "db_connections_active"]],
    cloudWatch: { title: "Database sessions", stat: "Average", of: "cluster", metrics: ["DatabaseConnections"] },
  },
  {
    title: "Time of a query",
    board: "database",
    unit: "s",
    queries: quantiles([0.5, 0.95], "db_query_duration_seconds"),
  },
  {
    title: "Answers from the cache",
    board: "database",
    unit: "percentunit",
    queries: [
      [
        "{{cache}}",
        `${rate("cache_hits_total", "cache")} / (${rate("cache_hits_total", "cache")} + ${rate("cache_misses_total", "cache")})`,
      ],
    ],
    cloudWatch: {
      title: "Cache memory, percent",
      stat: "Average",
      of: "cacheNodes",
      metrics: ["DatabaseMemoryUsagePercentage"],
    },
  },
  {
    title: "Reads that a replica may answer, by result",
    board: "database",
    unit: "short",
    queries: [["{{result}}", rate("db_reader_total", "result")]],
  },
  {
    title: "Outside calls while a database connection was in use (a fault)",
    board: "database",
    unit: "short",
    queries: [["{{call}}", rate("outside_calls_with_connection_total", "call")]],
  },
  {
    title: "Files submitted",
    board: "evidence",
    unit: "cps",
    queries: [["{{content_type}}", rate("file_uploads_total", "content_type")]],
  },
  {
    title: "Size of files",
    board: "evidence",
    unit: "bytes",
    queries: quantiles([0.5, 0.95], "file_upload_size_bytes"),
  },
  {
    title: "Time to examine a file, p95",
    board: "evidence",
    unit: "s",
    objective: 5,
    queries: [["{{result}}", quantile(0.95, "evidence_processing_duration_seconds", "le, result")]],
  },
];
