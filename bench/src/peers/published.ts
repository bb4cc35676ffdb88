import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
import type pg from "pg";
import { type Added, addContribution } from "./acts.ts";
import { MARK_PUBLISHED } from "./statements.ts";

/** Adds a contribution and publishes its event as our API does, with the client that AWS recommends. */
export function publisher(pool: pg.Pool, endpoint: string, queueUrl: string): (body: unknown) => Promise<unknown> {
  const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
  const sqs = new SQSClient({ endpoint, region: "us-east-1", credentials });
  const publish = async ({ id, subject, body }: Added["event"]) => {
    const message = { QueueUrl: queueUrl, MessageBody: body, MessageGroupId: subject, MessageDeduplicationId: id };
    await sqs.send(new SendMessageCommand(message));
    await pool.query({ name: "mark", text: MARK_PUBLISHED, values: [id] });
  };
  return async (body) => {
    const { contribution, event } = await addContribution(pool, body, null);
    await publish(event);
    return contribution;
  };
}
