import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { json, text } from "node:stream/consumers";
import * as v from "valibot";
import { expect, test } from "vitest";
import { queueVariables } from "@gotong/local/aws.ts";
import { verifyAuthorization } from "@gotong/local/sigv4.ts";
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

test("messages that are sent concurrently all arrive, even if together they are too large for one SQS call", async () => {
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

test("messages that are sent in one turn of the event loop share an SQS call, and only the message that SQS rejects fails", async () => {
  const { endpoint, sizes, stop } = await refusing("d");
  Config.use({ ...platform.variables, SQS_ENDPOINT: endpoint, ...queueVariables(endpoint) });
  Queue.use(undefined);
  const sent = await Promise.allSettled(["a", "b", "c", "d", "e"].map((group) => send(`of-${group}`, group)));
  stop();
  Config.use(platform.variables);
  Queue.use(undefined);
  expect(sent.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(sizes).toEqual([5]);
});

const SECRET = "of-the-double";

/** Starts an SQS double that sends the given responses one after another, and then accepts every call. */
async function responding(...responses: readonly (readonly [status: number, type: string])[]) {
  const verdicts: unknown[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const headers = { ...request.headers, "x-amz-content-sha256": createHash("sha256").update(body).digest("hex") };
      const url = new URL(request.url ?? "/", "http://sqs");
      const [status, type] = responses[verdicts.length] ?? [200, ""];
      verdicts.push(verifyAuthorization({ method: "POST", url, headers }, SECRET, new Date()));
      const answer = type === "" ? {} : { __type: `com.amazonaws.sqs#${type}`, message: "no" };
      return response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(answer));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const use = (own: Readonly<Record<string, string>> = {}) => {
    Config.use({ ...platform.variables, ...own, SQS_ENDPOINT: endpoint, ...queueVariables(endpoint) });
    Queue.use(undefined);
  };
  const stop = () => {
    server.close();
    Config.use(platform.variables);
    Queue.use(undefined);
  };
  return { verdicts, use, stop };
}

test.each([
  [
    [
      [500, "InternalFailure"],
      [400, "RequestThrottled"],
    ],
    3,
    undefined,
  ],
  [
    [
      [503, "ServiceUnavailable"],
      [503, "ServiceUnavailable"],
      [503, "ServiceUnavailable"],
    ],
    3,
    "ServiceUnavailable",
  ],
  [[[400, "QueueDoesNotExist"]], 1, "QueueDoesNotExist"],
] as const)(
  "after the responses %j of SQS, the client has called SQS %i times and throws %s",
  async (responses, calls, name) => {
    const { verdicts, use, stop } = await responding(...responses);
    use();
    const result = await Queue.get()
      .send("sweep", { body: "{}" })
      .then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.name : "thrown"),
      );
    stop();
    expect([verdicts.length, result]).toEqual([calls, name]);
  },
);

const OWN = { AWS_ACCESS_KEY_ID: "ASIAEXAMPLE", AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: "token" };

test.each([
  ["the settings of the process", OWN],
  // Without them in its settings, the client asks the provider of the AWS SDK, which reads the environment itself.
  ["the provider of the AWS SDK", {}],
])("SQS calls are signed with temporary credentials from %s, if none are configured", async (_from, settings) => {
  const { verdicts, use, stop } = await responding();
  const before = Object.keys(OWN).map((key) => [key, process.env[key]] as const);
  Object.assign(process.env, OWN);
  use({ S3_ACCESS_KEY: "", S3_SECRET_KEY: "", ...settings });
  await Queue.get().send("sweep", { body: JSON.stringify({ text: "“Gotong royong” é" }) });
  stop();
  for (const [key, value] of before)
    if (value === undefined) delete process.env[key];
    else process.env[key] = value;
  expect(verdicts).toEqual([
    { ok: true, signedHeaders: expect.arrayContaining(["host", "x-amz-date", "x-amz-security-token", "x-amz-target"]) },
  ]);
});

test("waiting for messages ends when its signal aborts", async () => {
  const stopping = new AbortController();
  const receiving = Queue.get().receive("mail", 20, stopping.signal);
  setTimeout(() => stopping.abort(), 50);
  await expect(receiving).rejects.toThrow("ABORT_ERR");
});
