import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import * as v from "valibot";
import { expect, test } from "vitest";
import { queueVariables } from "@gotong/local/aws.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { usePlatform } from "../../harness/platform.ts";
import { drain } from "../../harness/queue.ts";

const platform = usePlatform({ workers: false });
const send = (id: string, group: string, characters = 20) =>
  Queue.get().send("deliveries", { body: JSON.stringify({ id, rest: "é".repeat(characters) }), fifo: { group, id } });
/** The ids and groups of the messages in the queue, sorted: the emulator returns groups in any order. */
const received = async () =>
  (await drain("deliveries")).map(({ body, group }) => `${String(JSON.parse(body).id)} in ${group}`).toSorted();

test("messages that are sent concurrently each arrive once, in their message groups", async () => {
  await drain("deliveries");
  const ids = Array.from({ length: 45 }, (_, index) => `message-${index}`);
  await Promise.all(ids.map((id, index) => send(id, `group-${index % 15}`)));
  expect(await received()).toEqual(ids.map((id, index) => `${id} in group-${index % 15}`).toSorted());
});

test("concurrently sent messages all arrive, even if some are too large to share an SQS call", async () => {
  await drain("deliveries");
  const sizes = [20, 100_000, 20, 100_000, 40_000, 40_000, 20, 20];
  await Promise.all(sizes.map((size, index) => send(`sized-${index}`, `sized-${index}`, size)));
  expect(await received()).toEqual(sizes.map((_, index) => `sized-${index} in sized-${index}`));
});

/** Starts an SQS double that rejects the messages of one group. */
async function refusing(group: string) {
  const Sent = v.object({ MessageBody: v.string(), MessageGroupId: v.string() });
  const Batch = v.object({ Entries: v.array(v.object({ ...Sent.entries, Id: v.string() })) });
  const accepted = (body: string) => ({
    MessageId: randomUUID(),
    MD5OfMessageBody: createHash("md5").update(body).digest("hex"),
  });
  const sizes: number[] = [];
  const server = createServer((request, response) => {
    void json(request).then((input) => {
      response.setHeader("content-type", "application/x-amz-json-1.0");
      if (!v.is(Batch, input)) {
        sizes.push(1);
        return response.end(JSON.stringify(accepted(v.parse(Sent, input).MessageBody)));
      }
      sizes.push(input.Entries.length);
      const isRefused = (entry: { readonly MessageGroupId: string }) => entry.MessageGroupId === group;
      return response.end(
        JSON.stringify({
          Successful: input.Entries.filter((one) => !isRefused(one)).map((one) => ({
            Id: one.Id,
            ...accepted(one.MessageBody),
          })),
          Failed: input.Entries.filter(isRefused).map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false })),
        }),
      );
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  return { endpoint, sizes, stop: () => server.close() };
}

test("messages that arrive during two running SQS calls share the next call, and only the message that SQS rejects fails", async () => {
  const { endpoint, sizes, stop } = await refusing("d");
  Config.use({ ...platform.variables, SQS_ENDPOINT: endpoint, ...queueVariables(endpoint) });
  Queue.use(undefined);
  const sent = await Promise.allSettled(["a", "b", "c", "d", "e"].map((group) => send(`of-${group}`, group)));
  stop();
  Config.use(platform.variables);
  Queue.use(undefined);
  expect(sent.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(sizes).toEqual([1, 1, 3]);
});
