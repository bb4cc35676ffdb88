import { afterEach, beforeEach, expect, test } from "vitest";
import { Log } from "../log.ts";
import { Metrics } from "../metrics/index.ts";
import { Queue } from "../queue/index.ts";
import { Delivery } from "./index.ts";

const unused = () => Promise.reject(new Error("not used here"));
let restoreLog: () => void;
beforeEach(() => {
  Metrics.reset();
  Queue.use({ send: () => Promise.resolve(), receive: unused, remove: unused, hide: unused, ping: unused });
  restoreLog = Log.to(() => undefined);
});
afterEach(() => {
  restoreLog();
  Queue.use(undefined);
  Metrics.reset();
});

const counted = () => Metrics.render().match(/^webhook_operator_needed_total\{.*/gm) ?? [];
const report = (result: "delivered" | "retrying" | "dead", status: number | null) =>
  Delivery.report(
    {
      attempt_id: "0197a6d5-0000-7000-8000-000000000000",
      event_id: "evt_0123456789abcdef",
      result,
      attempted_at: "2027-03-01T06:00:00.000Z",
      latency_ms: 12,
      status,
      error: null,
      response_head: null,
    },
    1,
  );

test.each([400, 413, 422, 500, null])("an event that was given up after %s asks for an operator", async (status) => {
  await report("dead", status);
  expect(counted()).toEqual(['webhook_operator_needed_total{reason="dead"} 1']);
});

test.each([401, 403, 404])(
  "a secret or an address that Markov refuses with %i asks for an operator",
  async (status) => {
    await report("retrying", status);
    expect(counted()).toEqual(['webhook_operator_needed_total{reason="our_fault"} 1']);
  },
);

test("a delivery asks for nobody, nor does what mends itself", async () => {
  await report("delivered", 202);
  for (const status of [429, 500, 503, null]) await report("retrying", status);
  expect(counted()).toEqual([]);
});
