import { spawn } from "node:child_process";
import { join } from "node:path";
import * as v from "valibot";
import type { Incoming } from "@gotong/core/platform/queue/index.ts";

/** The response of a function with a URL. */
export const HttpAnswer = v.object({
  statusCode: v.number(),
  headers: v.record(v.string(), v.string()),
  body: v.string(),
  isBase64Encoded: v.boolean(),
});
/** The response of a function with a queue: only the ids of failed messages. */
export const BatchAnswer = v.strictObject({
  batchItemFailures: v.array(v.strictObject({ itemIdentifier: v.string() })),
});

/**
 * Imports a bundle in a new process and passes it `events`, one after another.
 * @param variables the whole environment of the process: nothing is inherited
 * @throws Error with the output of the process when it fails
 */
export async function invoke<S extends v.GenericSchema>(
  answer: S,
  file: string,
  variables: Readonly<Record<string, string>>,
  events: readonly unknown[],
): Promise<v.InferOutput<S>[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "runtime.ts"), file], {
    env: { AWS_REGION: "us-east-1", AWS_LAMBDA_FUNCTION_NAME: "test", ...variables },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let answers: unknown;
  let said = "";
  child.on("message", (message) => (answers = message));
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (said += String(chunk)));
  child.send(events);
  const code = await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  if (code !== 0) throw new Error(`the function ended with ${String(code)}\n${said}`);
  return v.parse(v.array(answer), answers);
}

/** A request in the format of a function URL (payload format 2.0). */
export function urlEvent(
  method: string,
  path: string,
  body?: { text: string; base64: boolean },
  headers: Readonly<Record<string, string>> = {},
) {
  const host = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws";
  const time = new Date();
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers: {
      host,
      accept: "application/json",
      "x-forwarded-proto": "https",
      "x-forwarded-port": "443",
      "x-forwarded-for": "203.0.113.7",
      "user-agent": "test",
      ...headers,
      ...(body && { "content-type": "application/json", "content-length": String(Buffer.byteLength(body.text)) }),
    },
    requestContext: {
      accountId: "anonymous",
      apiId: host.split(".")[0],
      domainName: host,
      domainPrefix: host.split(".")[0],
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "203.0.113.7", userAgent: "test" },
      requestId: "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
      routeKey: "$default",
      stage: "$default",
      time: time.toISOString(),
      timeEpoch: time.getTime(),
    },
    ...(body && { body: body.base64 ? Buffer.from(body.text).toString("base64") : body.text }),
    isBase64Encoded: body?.base64 ?? false,
  };
}

/** A batch in the format of a queue's trigger. */
export function queueEvent(queue: string, messages: readonly Pick<Incoming, "messageId" | "body" | "group">[]) {
  const now = String(Date.now());
  return {
    Records: messages.map(({ messageId, body, group }) => ({
      messageId,
      receiptHandle: `handle-${messageId}`,
      body,
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: now,
        SenderId: "AROA123456789EXAMPLE:api",
        ApproximateFirstReceiveTimestamp: now,
        ...(group !== undefined && { MessageGroupId: group, SequenceNumber: "18849496460467696128" }),
      },
      messageAttributes: {},
      md5OfBody: "098f6bcd4621d373cade4e832627b4f6",
      eventSource: "aws:sqs",
      eventSourceARN: `arn:aws:sqs:us-east-1:123456789012:${queue}`,
      awsRegion: "us-east-1",
    })),
  };
}
