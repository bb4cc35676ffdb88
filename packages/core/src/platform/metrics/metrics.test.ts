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
const unitsOf = (line: Record<string, unknown> | undefined) => JSON.stringify(line?.["_aws"]).match(/"Unit":"\w+"/g);

test("functions tell sizes in bytes, times in seconds, gauges as they stand, and each only when it moved", () => {
  Metrics.forLambda();
  Metrics.observe("file_upload_size_bytes", 123_456);
  Metrics.set("webhook_outbox_pending", 7);
  Metrics.count("webhook_retry_count");
  const [line, ...others] = flushed();
  expect(others).toEqual([]);
  expect(line).toMatchObject({
    file_upload_size_bytes: [123_456],
    webhook_outbox_pending: 7,
    webhook_retry_count: 1,
  });
  expect(unitsOf(line)?.toSorted()).toEqual(['"Unit":"Bytes"', '"Unit":"Count"', '"Unit":"Count"']);
  Metrics.set("webhook_outbox_pending", 0);
  expect(flushed()).toMatchObject([{ webhook_outbox_pending: 0 }]);
  expect(flushed()).toEqual([]);
});

test("functions tell the highest that a gauge which goes up and down stood at: when they tell it, nothing runs any more", () => {
  Metrics.forLambda();
  Metrics.shift("db_connections_active", 1);
  Metrics.shift("db_connections_active", 1);
  Metrics.shift("db_connections_active", -2);
  Metrics.shift("http_requests_in_progress", 1);
  expect(flushed()).toMatchObject([{ db_connections_active: 2, http_requests_in_progress: 1 }]);
  expect(Metrics.render()).toContain("\ndb_connections_active 0\n");
  Metrics.shift("http_requests_in_progress", -1);
  expect(flushed()).toMatchObject([{ http_requests_in_progress: 1 }]); // the request was still in progress
  expect(flushed()).toEqual([]);
});

test("what an alarm watches is told for the whole stage, together and by label, and not by function", () => {
  Metrics.forLambda();
  Metrics.count("webhook_operator_needed_total", { reason: "dead" });
  Metrics.count("webhook_retry_count");
  const lines = flushed();
  expect(lines.map((line) => line["_aws"])).toMatchObject([
    { CloudWatchMetrics: [{ Dimensions: [[], ["reason"]], Metrics: [{ Name: "webhook_operator_needed_total" }] }] },
    { CloudWatchMetrics: [{ Dimensions: [["service"]], Metrics: [{ Name: "webhook_retry_count" }] }] },
  ]);
  expect(lines[0]).toMatchObject({ reason: "dead", webhook_operator_needed_total: 1 });
});

test("one line carries no more than a hundred values of a metric, as the format allows", () => {
  Metrics.forLambda();
  for (let n = 0; n < 250; n += 1) Metrics.observe("webhook_delivery_latency", n / 1000);
  const [line] = flushed();
  expect(line?.["webhook_delivery_latency"]).toHaveLength(100);
});

test("servers tell every metric, also those that have not moved; labels are escaped; buckets add up", () => {
  Metrics.observe("http_request_duration_seconds", 0.15, { method: "GET", route: '/a"b\\c\n' });
  const text = Metrics.render();
  expect(text).toContain("webhook_retry_count 0");
  const labels = String.raw`method="GET",route="/a\"b\\c\n"`;
  expect(text).toContain(`http_request_duration_seconds_bucket{${labels},le="0.1"} 0`);
  expect(text).toContain(`http_request_duration_seconds_bucket{${labels},le="0.2"} 1`);
  expect(text).toContain(`http_request_duration_seconds_bucket{${labels},le="+Inf"} 1`);
  expect(text).toContain(`http_request_duration_seconds_sum{${labels}} 0.15`);
});
