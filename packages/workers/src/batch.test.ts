import { expect, test } from "vitest";
import { Log } from "@gotong/core/platform/log.ts";
import { runBatch } from "./batch.ts";

test("a batch that fails comes back soon, and more and more rarely", async () => {
  const restoreLog = Log.to(() => undefined);
  const worker = {
    queue: "outcomes" as const,
    processAll: async () => {
      throw new Error("the database is away");
    },
  };
  const waits: (number | undefined)[] = [];
  for (let receiveCount = 1; receiveCount <= 10; receiveCount += 1) {
    const message = { messageId: "m", body: "{}", receiptHandle: "h", receiveCount };
    const [fate] = await runBatch(worker, [message]);
    expect(fate?.isDone).toBe(false);
    waits.push(fate?.retryInSeconds);
  }
  restoreLog();
  expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
});
