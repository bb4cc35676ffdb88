import { expect, test } from "vitest";
import { Log } from "@gotong/core/platform/log.ts";
import { runBatch } from "./batch.ts";

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
