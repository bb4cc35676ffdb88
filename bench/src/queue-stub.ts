// A queue that costs nothing: speaks enough of SQS's JSON protocol to take messages and forget them, or to hand out a given number.
import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import * as v from "valibot";

const Entry = v.object({ Id: v.string(), MessageBody: v.string() });
const Input = v.object({
  MessageBody: v.optional(v.string()),
  Entries: v.optional(v.array(v.looseObject({ Id: v.string(), MessageBody: v.optional(v.string()) })), []),
});
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** The answer to one call. */
function answer(operation: string, body: string): unknown {
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
    case "DeleteMessageBatch":
      return { Successful: input.Entries.map(({ Id }) => ({ Id })), Failed: [] };
    case "ReceiveMessage":
      return {};
    default:
      return {};
  }
}

createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => (body += chunk));
  request.on("end", () => {
    const operation = String(request.headers["x-amz-target"] ?? "").split(".")[1] ?? "";
    response.setHeader("content-type", "application/x-amz-json-1.0");
    response.end(JSON.stringify(request.method === "POST" ? answer(operation, body) : {}));
  });
}).listen(Number(process.env["PORT"]), "127.0.0.1");
