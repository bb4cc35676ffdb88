import { expect, test } from "vitest";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { type Worker, runBatch } from "./batch.ts";

test("a failed batch is retried with a doubling delay, at most 15 minutes", async () => {
  const restoreLog = Log.to(() => undefined);
  const worker = {
    queue: "outcomes" as const,
    processAll: async () => {
      throw new Error("the database is down");
    },
  };
  const waits: (number | undefined)[] = [];
  for (let receiveCount = 1; receiveCount <= 10; receiveCount += 1) {
    const message = { messageId: "m", body: "{}", receiptHandle: "h", receiveCount };
    const [result] = await runBatch(worker, [message]);
    expect(result?.isDone).toBe(false);
    waits.push(result?.retryInSeconds);
  }
  restoreLog();
  expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
});

test("an operator is called for a message that still fails after a quarter of an hour, or as late as its worker says", async () => {
  const restoreLog = Log.to(() => undefined);
  const fail = async () => {
    throw new Error("the bucket is gone");
  };
  const stuckAfter = async (
    minutes: number,
    worker: Partial<Worker> & { readonly process: () => Promise<undefined> },
  ) => {
    Metrics.reset();
    const sentAtMs = Date.now() - minutes * 60_000;
    const message = { messageId: "m", body: "{}", receiptHandle: "h", receiveCount: 9, sentAtMs };
    await runBatch({ queue: "evidence", ...worker, process: worker.process }, [message]);
    return Metrics.render().includes('webhook_operator_needed_total{reason="stuck"} 1');
  };
  expect([await stuckAfter(14, { process: fail }), await stuckAfter(16, { process: fail })]).toEqual([false, true]);
  expect(await stuckAfter(16, { process: async () => undefined })).toBe(false);
  const patient = { stuckAfterSeconds: 3600, process: fail };
  expect([await stuckAfter(59, patient), await stuckAfter(61, patient)]).toEqual([false, true]);
  Metrics.reset();
  restoreLog();
});
