import { afterEach, beforeEach, expect, test } from "vitest";
import { Log } from "../log.ts";
import { Metrics } from "./index.ts";

let lines: string[] = [];
let restore: () => void;
beforeEach(() => {
  lines = [];
  restore = Log.to((line) => void lines.push(line));
  Metrics.reset();
});
afterEach(() => {
  restore();
  Metrics.reset();
});

const flushed = (): Record<string, unknown>[] => {
  lines = [];
  Metrics.flush();
  return lines.map((line): Record<string, unknown> => JSON.parse(line));
};

test("Lambda functions log changed histograms as count, sum and maximum, and changed gauges as their current value", () => {
  Metrics.forLambda();
  Metrics.observe("file_upload_size_bytes", 123_456);
  Metrics.observe("db_query_duration_seconds", 0.012_34);
  Metrics.observe("db_query_duration_seconds", 0.002);
  Metrics.set("webhook_outbox_pending", 7);
  Metrics.count("webhook_retry_count");
  Metrics.count("webhook_delivery_failure", { status: "503" });
  Metrics.count("file_uploads_total", { content_type: "image/jpeg" });
  const [line, ...others] = flushed();
  expect(others).toEqual([]);
  expect(line).toMatchObject({
    level: "info",
    message: "metrics",
    file_upload_size_bytes_count: 1,
    file_upload_size_bytes_sum: 123_456,
    file_upload_size_bytes_max: 123_456,
    db_query_duration_seconds_count: 2,
    db_query_duration_seconds_sum: 0.0143,
    db_query_duration_seconds_max: 0.0123,
    webhook_outbox_pending: 7,
    webhook_retry_count: 1,
    webhook_delivery_failure_503: 1,
    file_uploads_total_image_jpeg: 1,
  });
  expect(line).not.toHaveProperty("_aws");
  Metrics.set("webhook_outbox_pending", 0);
  expect(flushed()).toMatchObject([{ webhook_outbox_pending: 0 }]);
  expect(flushed()).toEqual([]);
});

test("Lambda functions log the maximum of a gauge that has risen and fallen, not its current value", () => {
  Metrics.forLambda();
  Metrics.shift("db_connections_active", 1);
  Metrics.shift("db_connections_active", 1);
  Metrics.shift("db_connections_active", -2);
  expect(flushed()).toMatchObject([{ db_connections_active: 2 }]);
  expect(Metrics.render()).toContain("\ndb_connections_active 0\n");
  Metrics.shift("db_connections_active", 1);
  expect(flushed()).toMatchObject([{ db_connections_active: 1 }]);
});

test("only alarmed metrics become CloudWatch metrics, for the whole stage and by label, but not by function", () => {
  Metrics.forLambda();
  Metrics.count("webhook_operator_needed_total", { reason: "dead" });
  Metrics.count("webhook_retry_count");
  Metrics.count("http_requests_total", { method: "GET", route: "/v1/tasks", status: "200" });
  Metrics.observe("http_request_duration_seconds", 0.1, { method: "GET", route: "/v1/tasks" });
  const lines = flushed();
  expect(lines.map((line) => line["_aws"])).toMatchObject([
    { CloudWatchMetrics: [{ Dimensions: [[], ["reason"]], Metrics: [{ Name: "webhook_operator_needed_total" }] }] },
    undefined,
  ]);
  expect(lines[0]).toMatchObject({ reason: "dead", webhook_operator_needed_total: 1 });
  expect(Object.keys(lines[1] ?? {}).filter((key) => key.startsWith("http_"))).toEqual([]);
});

test("takeFields() excludes alarmed metrics, and returns nothing on servers", () => {
  Metrics.count("webhook_retry_count");
  expect(Metrics.takeFields()).toEqual({});
  Metrics.forLambda();
  Metrics.count("webhook_operator_needed_total", { reason: "dead" });
  expect(Metrics.takeFields()).toEqual({ webhook_retry_count: 1 });
  expect(Metrics.takeFields()).toEqual({});
  expect(flushed()).toMatchObject([{ webhook_operator_needed_total: 1 }]);
});

test("the Prometheus output contains every metric, even unchanged ones, with escaped labels and cumulative buckets", () => {
  Metrics.observe("http_request_duration_seconds", 0.15, { method: "GET", route: '/a"b\\c\n' });
  const text = Metrics.render();
  expect(text).toContain("webhook_retry_count 0");
  const labels = String.raw`method="GET",route="/a\"b\\c\n"`;
  expect(text).toContain(`http_request_duration_seconds_bucket{${labels},le="0.1"} 0`);
  expect(text).toContain(`http_request_duration_seconds_bucket{${labels},le="0.2"} 1`);
  expect(text).toContain(`http_request_duration_seconds_bucket{${labels},le="+Inf"} 1`);
  expect(text).toContain(`http_request_duration_seconds_sum{${labels}} 0.15`);
});
