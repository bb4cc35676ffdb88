import * as v from "valibot";
import { Config, type Section } from "@gotong/core/platform/config.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { type Incoming, Queue } from "@gotong/core/platform/queue/index.ts";
import { type Worker, runBatch } from "./batch.ts";

/** Lambda's SQS event, with only the fields that we use. */
const SqsEvent = v.object({
  /**
   * The queue without a trigger from which the sweep took the messages. The function must then remove the messages
   * itself.
   */
  dispatchedFrom: v.optional(v.picklist(["evidence", "breaker"])),
  Records: v.array(
    v.object({
      messageId: v.string(),
      receiptHandle: v.string(),
      body: v.string(),
      attributes: v.object({
        ApproximateReceiveCount: v.string(),
        MessageGroupId: v.optional(v.string()),
        SentTimestamp: v.optional(v.string()),
      }),
    }),
  ),
});

interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** A Lambda handler that runs `worker` and reports failures by message id (`ReportBatchItemFailures`). */
export function lambdaHandler(
  worker: Worker,
  sections: readonly Section[],
): (event: unknown) => Promise<BatchResponse> {
  Config.check(sections);
  Log.identify(worker.queue, Config.section("service").STAGE);
  Metrics.forLambda();
  return async (event) => {
    const { Records, dispatchedFrom } = v.parse(SqsEvent, event);
    const messages = Records.map((record): Incoming => {
      const { MessageGroupId: group, SentTimestamp: sentAt } = record.attributes;
      return {
        messageId: record.messageId,
        receiptHandle: record.receiptHandle,
        body: record.body,
        receiveCount: Number(record.attributes.ApproximateReceiveCount),
        ...(group === undefined ? {} : { group }),
        ...(sentAt === undefined ? {} : { sentAtMs: Number(sentAt) }),
      };
    });
    if (dispatchedFrom !== undefined) {
      const { runDispatched } = await import("./dispatch.ts");
      await runDispatched(worker, dispatchedFrom, messages).finally(() => Metrics.flush());
      return { batchItemFailures: [] };
    }
    const failed = (await runBatch(worker, messages)).filter((result) => !result.isDone);
    for (const { message, retryInSeconds } of failed) {
      if (retryInSeconds !== undefined) await hide(worker, message, retryInSeconds);
    }
    Metrics.flush();
    return { batchItemFailures: failed.map(({ message }) => ({ itemIdentifier: message.messageId })) };
  };
}

/** Hides a message. Does not throw, since without hiding the message only returns sooner, and the rest of the batch must not fail. */
async function hide(worker: Worker, message: Incoming, seconds: number): Promise<void> {
  try {
    await Queue.get().hide(worker.queue, message, seconds);
  } catch (error) {
    Log.warn("a message could not be hidden", { queue: worker.queue, ...Log.describe(error) });
  }
}
