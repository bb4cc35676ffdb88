import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
  SendMessageBatchCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { type Incoming, Queue } from "@gotong/core/platform/queue/index.ts";

// The SDK is the reference: its requests are compared with ours (docs/adr/0044).

/** The parts of a request that identify a call of SQS; the time and the signature itself are left out. */
interface Recorded {
  readonly line: string;
  readonly target: unknown;
  readonly contentType: unknown;
  readonly scope: string;
  readonly input: unknown;
}
interface Response {
  readonly status: number;
  readonly body: object;
}

const recorded: Recorded[] = [];
let respond: (operation: string) => Response;
const server = createServer((request, response) => {
  void text(request).then((body) => {
    const target = request.headers["x-amz-target"];
    const scope = /Credential=[^/]+\/\d{8}\/([^,]+)/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const { "content-type": contentType } = request.headers;
    recorded.push({ line: `${request.method} ${request.url}`, target, contentType, scope, input: JSON.parse(body) });
    const { status, body: answer } = respond(String(target));
    response.statusCode = status;
    response.setHeader("content-type", "application/x-amz-json-1.0");
    return response.end(JSON.stringify(answer));
  });
});
let sdk: SQSClient;
let queueUrl: string;

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const credentials = { S3_ACCESS_KEY: "key", S3_SECRET_KEY: "secret" };
  queueUrl = `${endpoint}/123456789012/deliveries.fifo`;
  const urls = { SQS_ENDPOINT: endpoint, DELIVERIES_QUEUE_URL: queueUrl };
  Config.use({ ...credentials, ...urls, AWS_REGION: "ap-southeast-3" });
  Queue.use(undefined);
  sdk = new SQSClient({
    endpoint,
    region: "ap-southeast-3",
    credentials: { accessKeyId: "key", secretAccessKey: "secret" },
    useQueueUrlAsEndpoint: false,
    md5: false,
  });
});
beforeEach(() => recorded.splice(0));
afterAll(() => {
  sdk.destroy();
  server.close();
});

const message = (id: string): Incoming => ({
  messageId: id,
  body: "{}",
  receiptHandle: `handle-${id}`,
  receiveCount: 1,
});
const outgoing = (id: string) => ({ body: `{"id":"${id}"}`, fifo: { group: id, id } });
const entry = (id: string) => ({
  MessageBody: `{"id":"${id}"}`,
  MessageGroupId: id,
  MessageDeduplicationId: id,
});
const done = { Successful: [{ Id: "0" }, { Id: "1" }], Failed: [] };

const CALLS: readonly (readonly [
  operation: string,
  ours: () => Promise<unknown>,
  theirs: () => Promise<unknown>,
  answer: object,
])[] = [
  [
    "SendMessage",
    () => Queue.get().send("deliveries", outgoing("a")),
    () => sdk.send(new SendMessageCommand({ QueueUrl: queueUrl, ...entry("a") })),
    { MessageId: "1" },
  ],
  [
    "SendMessageBatch",
    () => Promise.all([outgoing("a"), outgoing("b")].map((one) => Queue.get().send("deliveries", one))),
    () => {
      const entries = ["a", "b"].map((id, index) => ({ Id: String(index), ...entry(id) }));
      return sdk.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    },
    done,
  ],
  [
    "ReceiveMessage",
    () => Queue.get().receive("deliveries", 2, undefined, 4),
    () =>
      sdk.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: 4,
          WaitTimeSeconds: 2,
          MessageSystemAttributeNames: ["ApproximateReceiveCount", "MessageGroupId", "SentTimestamp"],
        }),
      ),
    {},
  ],
  [
    "DeleteMessage",
    () => Queue.get().remove("deliveries", message("a")),
    () => sdk.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: "handle-a" })),
    {},
  ],
  [
    "DeleteMessageBatch",
    () => Promise.all(["a", "b"].map((id) => Queue.get().remove("deliveries", message(id)))),
    () => {
      const entries = ["a", "b"].map((id, index) => ({ Id: String(index), ReceiptHandle: `handle-${id}` }));
      return sdk.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    },
    done,
  ],
  [
    "ChangeMessageVisibility",
    () => Queue.get().hide("deliveries", message("a"), 30),
    () =>
      sdk.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle: "handle-a", VisibilityTimeout: 30 }),
      ),
    {},
  ],
  [
    "GetQueueAttributes",
    () => Queue.get().ping("deliveries"),
    () => sdk.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] })),
    { Attributes: { QueueArn: "arn" } },
  ],
];

test.each(CALLS)(
  "the SQS request that the platform sends for %s equals the request of the AWS SDK",
  async (operation, ours, theirs, answer) => {
    respond = () => ({ status: 200, body: answer });
    await ours();
    await theirs();
    const [own, reference] = recorded;
    expect(recorded).toHaveLength(2);
    expect(own).toEqual(reference);
    expect(own).toMatchObject({ target: `AmazonSQS.${operation}`, scope: "ap-southeast-3/sqs/aws4_request" });
  },
);

test.each([
  [400, "com.amazonaws.sqs#QueueDoesNotExist", 1],
  [403, "com.amazon.coral.service#AccessDeniedException", 1],
  [400, "com.amazonaws.sqs#RequestThrottled", 3],
  [500, "com.amazon.coral.service#InternalFailure", 3],
  [503, "com.amazon.coral.service#ServiceUnavailableException", 3],
])(
  "a refusal with %d %s has the name that the AWS SDK gives it, after as many attempts",
  async (status, type, attempts) => {
    respond = () => ({ status, body: { __type: type, message: "refused" } });
    const nameOf = (error: unknown) => (error instanceof Error ? error.name : String(error));
    const own = await Queue.get().ping("deliveries").catch(nameOf);
    const ownAttempts = recorded.splice(0).length;
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] });
    const reference = await sdk.send(command).catch(nameOf);
    expect({ name: own, attempts: ownAttempts }).toEqual({ name: reference, attempts: recorded.length });
    expect(ownAttempts).toBe(attempts);
  },
);
