import { afterEach, beforeEach, expect, test } from "vitest";
import { Delivery } from "@gotong/core/webhook/index.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { bottomless, outcomeOf } from "../../harness/queue.ts";

let restoreLog: () => void;
beforeEach(() => {
  Metrics.reset();
  Queue.use(bottomless);
  restoreLog = Log.to(() => undefined);
});
afterEach(() => {
  restoreLog();
  Queue.use(undefined);
  Metrics.reset();
});

const counted = () => Metrics.render().match(/^webhook_operator_needed_total\{.*/gm) ?? [];
const report = (result: "delivered" | "retrying" | "dead", status: number | null) =>
  Delivery.sendOutcome(outcomeOf("evt_0123456789abcdef", result, status), 1);

test.each([400, 413, 422, 500, null])(
  "an event that was dead-lettered after status %s raises an operator alarm",
  async (status) => {
    await report("dead", status);
    expect(counted()).toEqual(['webhook_operator_needed_total{reason="dead"} 1']);
  },
);

test.each([401, 403, 404])(
  "a delivery that Markov answers with %i, because of a wrong secret or URL, raises an operator alarm",
  async (status) => {
    await report("retrying", status);
    expect(counted()).toEqual(['webhook_operator_needed_total{reason="our_fault"} 1']);
  },
);

test("successful deliveries and deliveries that retries can repair raise no operator alarm", async () => {
  await report("delivered", 202);
  for (const status of [429, 500, 503, null]) await report("retrying", status);
  expect(counted()).toEqual([]);
});
