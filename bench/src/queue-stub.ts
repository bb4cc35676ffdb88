// A queue stub that uses almost no CPU time, so that a benchmark does not measure the queue. It supports the part of
// SQS's JSON protocol that accepts and discards messages, and that returns a given number of deliveries:
// `POST /fill?events=N`, then `POST /deliver?events=N`, which responds when all of them are removed.
import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import * as v from "valibot";
import { eventOf } from "./peers/sign-and-post.ts";

const Entry = v.object({ Id: v.string(), MessageBody: v.string() });
const Input = v.object({
  QueueUrl: v.optional(v.string(), ""),
  MessageBody: v.optional(v.string()),
  MaxNumberOfMessages: v.optional(v.number(), 1),
  WaitTimeSeconds: v.optional(v.number(), 0),
  Entries: v.optional(v.array(v.looseObject({ Id: v.string(), MessageBody: v.optional(v.string()) })), []),
});
type Input = v.InferOutput<typeof Input>;
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

let [prepared, left, toRemove, made] = [0, 0, 0, 0];
/** Callbacks of pollers that wait for deliveries. */
const pollers = new Set<() => void>();
let whenDone: () => void = () => undefined;

function deliver(events: number): Promise<void> {
  [left, toRemove] = [Math.min(prepared, events), Math.min(prepared, events)];
  for (const poller of pollers) poller();
  return new Promise((resolve) => (whenDone = resolve));
}

function removed(messages: number): void {
  toRemove -= messages;
  if (toRemove === 0) whenDone();
}

function messagesOf(most: number): unknown[] {
  const count = Math.min(most, left);
  left -= count;
  return Array.from({ length: count }, () => {
    const n = (made += 1);
    const body = JSON.stringify({
      event_id: `evt_${n.toString(16).padStart(16, "0")}`,
      subject: `contribution:${n}`,
      sequence: 1,
      request_id: "bench",
      created_at: new Date().toISOString(),
      body: eventOf(n),
    });
    return {
      MessageId: randomUUID(),
      ReceiptHandle: String(n),
      Body: body,
      MD5OfBody: md5(body),
      Attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: String(Date.now()),
        MessageGroupId: `contribution:${n}`,
      },
    };
  });
}

/** Returns messages. A poll of an empty queue waits, like in SQS. */
async function receive({ QueueUrl, MaxNumberOfMessages, WaitTimeSeconds }: Input): Promise<unknown> {
  const isOfDeliveries = QueueUrl.endsWith("/deliveries.fifo");
  if (left === 0 || !isOfDeliveries) {
    await new Promise<void>((resolve) => {
      const wake = () => {
        pollers.delete(wake);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(wake, WaitTimeSeconds * 1000);
      if (isOfDeliveries) pollers.add(wake);
    });
  }
  const messages = isOfDeliveries ? messagesOf(MaxNumberOfMessages) : [];
  return messages.length > 0 ? { Messages: messages } : {};
}

/** Returns the response to one call. */
async function answer(operation: string, body: string): Promise<unknown> {
  const input = v.parse(Input, JSON.parse(body));
  switch (operation) {
    case "SendMessage":
      return { MessageId: randomUUID(), MD5OfMessageBody: md5(input.MessageBody ?? "") };
    case "SendMessageBatch":
      return {
        Successful: v.parse(v.array(Entry), input.Entries).map(({ Id, MessageBody }) => ({
          Id,
          MessageId: randomUUID(),
          MD5OfMessageBody: md5(MessageBody),
        })),
        Failed: [],
      };
    case "DeleteMessage":
      removed(1);
      return {};
    case "DeleteMessageBatch":
      removed(input.Entries.length);
      return { Successful: input.Entries.map(({ Id }) => ({ Id })), Failed: [] };
    case "ReceiveMessage":
      return receive(input);
    default:
      return {};
  }
}

/** Handles the benchmark's own requests. */
async function control(path: string): Promise<unknown> {
  const url = new URL(path, "http://queue");
  const events = Number(url.searchParams.get("events"));
  if (url.pathname === "/fill") prepared = events;
  if (url.pathname === "/deliver") await deliver(events);
  return {};
}

createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => (body += chunk));
  request.on("end", () => {
    const operation = String(request.headers["x-amz-target"] ?? "").split(".")[1];
    response.setHeader("content-type", "application/x-amz-json-1.0");
    const work = operation === undefined ? control(request.url ?? "/") : answer(operation, body);
    work.then(
      (result) => response.end(JSON.stringify(result)),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
}).listen(Number(process.env["PORT"]), "127.0.0.1");
