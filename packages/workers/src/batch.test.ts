import { expect, test } from "vitest";
import { Log } from "@gotong/core/log.ts";
import type { Incoming } from "@gotong/core/queue/index.ts";
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

test("with too little time left for another message, a batch leaves the rest of it in the queue, for at once", async () => {
  let leftMs = 30_000;
  const [done, skipped] = [new Array<string>(), new Array<string>()];
  const worker = {
    queue: "deliveries" as const,
    longestSeconds: 20,
    onSkip: ({ messageId }: Incoming) => void skipped.push(messageId),
    process: async ({ messageId }: Incoming) => {
      done.push(messageId);
      leftMs -= 6_000;
      return undefined;
    },
  };
  const messages = ["1", "2", "3", "4"].map((id) => ({
    messageId: id,
    body: "{}",
    receiptHandle: id,
    receiveCount: 1,
    group: "one",
  }));
  const fates = await runBatch(worker, messages, { timeLeftMs: () => leftMs });
  expect([done, skipped]).toEqual([
    ["1", "2"],
    ["3", "4"],
  ]);
  expect(fates.map(({ isDone, retryInSeconds }) => [isDone, retryInSeconds])).toEqual([
    [true, undefined],
    [true, undefined],
    [false, 0],
    [false, 0],
  ]);
});
