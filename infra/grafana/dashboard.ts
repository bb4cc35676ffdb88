type Unit = "reqps" | "percentunit" | "s" | "short" | "cps" | "bytes";
type Query = readonly [legend: string, expression: string];

interface Panel {
  readonly title: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Where the objective lies, drawn as a line. */
  readonly objective?: number;
}

const quantile = (share: number, metric: string, by = "le") =>
  `histogram_quantile(${share}, sum by (${by}) (rate(${metric}_bucket[$__rate_interval])))`;
const rate = (metric: string, by?: string) =>
  `sum${by === undefined ? "" : ` by (${by})`} (rate(${metric}[$__rate_interval]))`;

/** Two columns: responses to members, deliveries to Markov, and the dependencies. Every metric of the platform is on one of them. */
const PANELS: readonly Panel[] = [
  { title: "Requests", unit: "reqps", queries: [["{{status}}", rate("http_requests_total", "status")]] },
  {
    title: "Requests that failed",
    unit: "percentunit",
    objective: 0.01,
    queries: [["5xx", "gotong:http_errors:ratio_rate5m"]],
  },
  {
    title: "Time to answer",
    unit: "s",
    objective: 0.2,
    queries: [
      ["p50", quantile(0.5, "http_request_duration_seconds")],
      ["p95", quantile(0.95, "http_request_duration_seconds")],
      ["p99", quantile(0.99, "http_request_duration_seconds")],
    ],
  },
  {
    title: "Slowest routes, p95",
    unit: "s",
    queries: [
      ["{{method}} {{route}}", `topk(5, ${quantile(0.95, "http_request_duration_seconds", "le, method, route")})`],
    ],
  },
  { title: "Requests at once", unit: "short", queries: [["{{instance}}", "http_requests_in_progress"]] },
  {
    title: "Deliveries",
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
    unit: "s",
    objective: 5,
    queries: [
      ["p50", quantile(0.5, "webhook_delivery_latency")],
      ["p95", quantile(0.95, "webhook_delivery_latency")],
    ],
  },
  {
    title: "Events that wait",
    unit: "short",
    queries: [
      ["not delivered yet", "max(webhook_outbox_pending)"],
      ["dead-lettered", "max(webhook_dead_letters)"],
    ],
  },
  {
    title: "Files submitted",
    unit: "cps",
    queries: [["{{content_type}}", rate("file_uploads_total", "content_type")]],
  },
  {
    title: "Size of files",
    unit: "bytes",
    queries: [
      ["p50", quantile(0.5, "file_upload_size_bytes")],
      ["p95", quantile(0.95, "file_upload_size_bytes")],
    ],
  },
  {
    title: "Time to examine a file, p95",
    unit: "s",
    objective: 5,
    queries: [["{{result}}", quantile(0.95, "evidence_processing_duration_seconds", "le, result")]],
  },
  {
    title: "Mail",
    unit: "cps",
    queries: [
      ["sent", rate("mail_sent_total")],
      ["not sent: {{reason}}", rate("mail_failed_total", "reason")],
    ],
  },
  {
    title: "Answers from the cache",
    unit: "percentunit",
    queries: [
      [
        "{{cache}}",
        `${rate("cache_hits_total", "cache")} / (${rate("cache_hits_total", "cache")} + ${rate("cache_misses_total", "cache")})`,
      ],
    ],
  },
  {
    title: "Time of a query",
    unit: "s",
    queries: [
      ["p50", quantile(0.5, "db_query_duration_seconds")],
      ["p95", quantile(0.95, "db_query_duration_seconds")],
    ],
  },
  { title: "Database connections in use", unit: "short", queries: [["{{instance}}", "db_connections_active"]] },
  {
    title: "Reads that a replica may answer, by result",
    unit: "short",
    queries: [["{{result}}", rate("db_reader_total", "result")]],
  },
  {
    title: "Outside calls while a database connection was in use (a fault)",
    unit: "short",
    queries: [["{{call}}", rate("outside_calls_with_connection_total", "call")]],
  },
];

const WIDTH = 12;
const HEIGHT = 8;
const SOURCE = { type: "prometheus", uid: "${source}" };

function panel({ title, unit, queries, objective }: Panel, index: number) {
  const line = [
    { color: "green", value: null },
    { color: "red", value: objective },
  ];
  return {
    id: index + 1,
    type: "timeseries",
    title,
    datasource: SOURCE,
    gridPos: { x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(objective === undefined
          ? {}
          : { custom: { thresholdsStyle: { mode: "dashed" } }, thresholds: { mode: "absolute", steps: line } }),
      },
      overrides: [],
    },
    options: { tooltip: { mode: "multi" } },
    targets: queries.map(([legendFormat, expr], position) => ({
      refId: String.fromCodePoint(65 + position),
      datasource: SOURCE,
      legendFormat,
      expr,
    })),
  };
}

/** Grafana's overview of servers and pods, as its import and its provisioning take it (schema 41, Grafana 12). */
export const dashboard = {
  uid: "gotong-royong",
  title: "Gotong Royong",
  tags: ["gotong-royong"],
  schemaVersion: 41,
  editable: true,
  refresh: "1m",
  time: { from: "now-6h", to: "now" },
  templating: { list: [{ name: "source", label: "Data source", type: "datasource", query: "prometheus" }] },
  panels: PANELS.map(panel),
};
