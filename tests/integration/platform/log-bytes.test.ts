import { expect, test } from "vitest";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { LOG_BYTES } from "@gotong/ops/cost/traffic.ts";
import { taskInput } from "../../harness/factories.ts";
import { usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
/** Bytes that CloudWatch Logs adds to each event (Amazon CloudWatch pricing, "Logs"). */
const OF_EACH_LINE = 26;

test("the cost model's log bytes per request are within 25 % of the bytes that a typical mix of requests writes", async () => {
  const member = await platform.person(["verifier"]);
  const task = taskInput({ title: "Clear the drain", description: "Before the rain." });
  const created = await member.post("/v1/tasks", task);
  const id = String(created.json["id"]);
  Metrics.reset();
  Metrics.forLambda();
  platform.logs.length = 0;
  let requests = 0;
  try {
    const reads = ["/v1/tasks", `/v1/tasks/${id}`, "/v1/me", "/v1/contributions", `/v1/users/${member.id}`];
    // In this mix, nine in ten requests are reads.
    for (let round = 0; round < 9; round += 1)
      for (const path of reads) {
        await member.get(path);
        Metrics.flush(); // as lambda.ts does after each response
        requests += 1;
      }
    for (let round = 0; round < 5; round += 1) {
      await member.post("/v1/tasks", task);
      Metrics.flush();
      requests += 1;
    }
  } finally {
    Metrics.reset();
  }
  const bytes = platform.logs.reduce((sum, line) => sum + Buffer.byteLength(line) + 1 + OF_EACH_LINE, 0) / requests;
  process.stdout.write(`${bytes.toFixed(0)} bytes of log a request, ${platform.logs.length / requests} lines\n`);
  expect(bytes).toBeLessThanOrEqual(LOG_BYTES.request);
  expect(bytes).toBeGreaterThan(0.75 * LOG_BYTES.request);
});
