import { describe, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { visibilityTimeoutSeconds } from "@gotong/core/platform/queue/index.ts";
import { type Worker, runBatch } from "./batch.ts";

test("when a worker that handles whole batches fails, its messages are retried with a delay that doubles up to 15 minutes", async () => {
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

test("an operator alarm is raised for a message that still fails after 15 minutes, or after the worker's own limit", async () => {
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

describe("messages of one group in a batch:", () => {
  const message = (messageId: string, group = "contribution:1") => ({
    messageId,
    body: "{}",
    receiptHandle: messageId,
    receiveCount: 1,
    group,
  });
  /** Runs a batch. @returns the processed messages, the messages put back, and the acknowledgements, each in order */
  async function run(ids: readonly string[], process: (id: string) => Promise<number | undefined>) {
    const [processed, putBack, acknowledged]: string[][] = [[], [], []];
    const worker: Worker = {
      queue: "deliveries",
      process: ({ messageId }) => {
        processed?.push(messageId);
        return process(messageId);
      },
      onPutBack: ({ messageId }) => putBack?.push(messageId),
    };
    const messages = ids.map((id) => message(id, id.startsWith("x") ? "task:2" : undefined));
    await runBatch(worker, messages, async ({ message: { messageId }, isDone, retryInSeconds }) => {
      acknowledged?.push(`${messageId} ${isDone ? "done" : `after ${retryInSeconds} s`}`);
    });
    return { processed, putBack, acknowledged };
  }

  test("after a failed message, later messages of its group are put back unprocessed with the same delay; other groups continue", async () => {
    const result = await run(["a", "b", "c", "x"], async (id) => (id === "b" ? 30 : undefined));
    expect(result.processed?.toSorted()).toEqual(["a", "b", "x"]);
    expect(result.putBack).toEqual(["c"]);
    expect(result.acknowledged?.toSorted()).toEqual(["a done", "b after 30 s", "c after 30 s", "x done"]);
  });

  test("later messages of a group are put back once the earlier ones took half of the visibility timeout", async () => {
    const startedAt = Date.now();
    let now = startedAt;
    const restore = Clock.set(
      () => new Date(now),
      async () => undefined,
    );
    const result = await run(["a", "b", "c", "d"], async () => {
      now += 50_000;
      return undefined;
    });
    restore();
    expect(visibilityTimeoutSeconds("deliveries")).toBe(180);
    expect(result.processed).toEqual(["a", "b"]);
    expect(result.putBack).toEqual(["c", "d"]);
    expect(result.acknowledged).toEqual(["a done", "b done", "c after 0 s", "d after 0 s"]);
  });

  test("a failed acknowledgement stops only the messages of its own group", async () => {
    const processed: string[] = [];
    const worker: Worker = { queue: "deliveries", process: async ({ messageId }) => void processed.push(messageId) };
    const batch = runBatch(
      worker,
      [message("a"), message("b"), message("x", "task:2"), message("y", "task:2")],
      async (one) => {
        if (one.message.messageId === "a") throw new Error("SQS is throttled");
      },
    );
    await expect(batch).rejects.toThrow("SQS is throttled");
    expect(processed.toSorted()).toEqual(["a", "x", "y"]);
  });
});
