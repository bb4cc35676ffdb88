import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EvidenceQueue } from "@gotong/core/domain/evidence/index.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import {
  type Incoming,
  type Outgoing,
  Queue,
  type QueueName,
  type Transport,
} from "@gotong/core/platform/queue/index.ts";
import { Sweep } from "@gotong/core/outbox/index.ts";
import type { Worker } from "./batch.ts";
import { Dispatch } from "./dispatch.ts";
import { lambdaHandler } from "./lambda-handler.ts";
import { sweep } from "./sweep/process.ts";

const MESSAGE: Incoming = { messageId: "m1", receiptHandle: "r1", body: "{}", receiveCount: 1, group: "breaker" };

/** The calls of the queues, in order; `waiting` contains the messages that the next receive of a queue returns. */
let calls: string[] = [];
let waiting: Incoming[] = [];
const transport: Transport = {
  send: async (queue: QueueName, { body, delaySeconds = 0 }: Outgoing) => {
    const only: unknown = Object(JSON.parse(body))["only"];
    calls.push(`send ${queue}${typeof only === "string" ? ` for ${only}` : ""} in ${delaySeconds} s`);
  },
  receive: async () => waiting.splice(0, 1),
  remove: async (queue, { receiptHandle }) => void calls.push(`remove ${receiptHandle} from ${queue}`),
  hide: async (queue, { receiptHandle }, seconds) =>
    void calls.push(`hide ${receiptHandle} in ${queue} for ${seconds} s`),
  ping: async () => undefined,
};

let restoreLog: () => void;
beforeEach(() => {
  [calls, waiting] = [[], []];
  restoreLog = Log.to(() => undefined);
  Queue.use(transport);
  Config.use({ STAGE: "test", QUEUES_WITHOUT_TRIGGER: "outcomes,evidence,breaker" });
});
afterEach(() => {
  restoreLog();
  Queue.use(undefined);
  Dispatch.use(undefined);
  Metrics.reset();
});

const sweepMessage = (fields: object): Incoming => ({
  ...MESSAGE,
  body: JSON.stringify({ armed_at: new Date().toISOString(), ...fields }),
});
const working = (process: () => Promise<number | undefined>): Worker => ({ queue: "breaker", process });
const run = (process: () => Promise<number | undefined>) =>
  Dispatch.runDispatched(working(process), "breaker", [MESSAGE]);

test("a sweep for the queue breaker first sends the next sweep, then invokes the function per message, without a database", async () => {
  waiting = [MESSAGE];
  Dispatch.use(async (queue, { messageId }) => void calls.push(`invoke ${queue} with ${messageId}`));
  if (!("process" in sweep)) throw new Error("the sweep takes messages one by one");
  await sweep.process(sweepMessage({ only: "breaker" }));
  expect(calls).toEqual(["send sweep for breaker in 300 s", "invoke breaker with m1"]);
});

test("a sweep that is due later than the 900 s that SQS can delay sends itself again, and until then invokes no function", async () => {
  await Sweep.send(3600, "breaker");
  expect(calls).toEqual(["send sweep for breaker in 900 s"]);
  if (!("process" in sweep)) throw new Error("the sweep takes messages one by one");
  waiting = [MESSAGE];
  await sweep.process(sweepMessage({ only: "breaker", not_before: new Date(Date.now() + 600_000).toISOString() }));
  expect(calls).toEqual(["send sweep for breaker in 900 s", "send sweep for breaker in 600 s"]);
});

test("a function invoked by a sweep removes processed messages, keeps failed ones, and sends a sweep before hiding a message", async () => {
  await run(async () => undefined);
  expect(calls).toEqual(["remove r1 from breaker"]);
  calls = [];
  await run(async () => 60);
  expect(calls).toEqual(["send sweep for breaker in 61 s", "hide r1 in breaker for 60 s"]);
  calls = [];
  await expect(run(() => Promise.reject(new Error("no")))).rejects.toThrow("a message of breaker failed");
  expect(calls).toEqual([]);
});

test("a function that cannot send the next sweep does not hide its message, which returns after the visibility timeout", async () => {
  Queue.use({ ...transport, send: () => Promise.reject(new Error("throttled")) });
  await expect(run(async () => 60)).rejects.toThrow("throttled");
  expect(calls).toEqual([]);
});

test("a Lambda handler removes the messages that a sweep has passed to it, and leaves the messages of its trigger to Lambda", async () => {
  const handler = lambdaHandler(
    working(async () => undefined),
    ["service", "queue"],
  );
  const { messageId, receiptHandle, body } = MESSAGE;
  const Records = [{ messageId, receiptHandle, body, attributes: { ApproximateReceiveCount: "1" } }];
  expect(await handler({ Records })).toEqual({ batchItemFailures: [] });
  expect(calls).toEqual([]);
  expect(await handler({ Records, dispatchedFrom: "breaker" })).toEqual({ batchItemFailures: [] });
  expect(calls).toEqual(["remove r1 from breaker"]);
});

test("Sweep.callFor() schedules a sweep to read a queue only if no Lambda trigger reads that queue", async () => {
  Config.use({ STAGE: "test" });
  await Sweep.callFor("evidence");
  await Sweep.callFor("outcomes");
  expect(calls).toEqual([]);
  Config.use({ STAGE: "test", QUEUES_WITHOUT_TRIGGER: "outcomes,evidence" });
  await Sweep.callFor("breaker");
  await Sweep.callFor("evidence");
  await Sweep.callFor("outcomes");
  expect(calls).toEqual(["send sweep for evidence in 0 s", "send sweep in 20 s"]);
});

test("the sweep for a delayed examination has the delay of its message, so that it finds the message", async () => {
  await Actor.run({ type: "system", name: "test" }, "r", () => EvidenceQueue.enqueue(Id.uuid(), 2));
  expect(calls).toEqual(["send evidence in 2 s", "send sweep for evidence in 2 s"]);
});

test("messages are passed to functions through one Lambda client, which reuses its connection", async () => {
  const invoked: (string | undefined)[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    invoked.push(request.url);
    request.resume().on("end", () => response.writeHead(202).end());
  }).on("connection", () => (connections += 1));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  vi.stubEnv("AWS_ENDPOINT_URL_LAMBDA", `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  try {
    Config.use({ STAGE: "test", QUEUES_WITHOUT_TRIGGER: "breaker", BREAKER_FUNCTION: "probe" });
    waiting = [MESSAGE, { ...MESSAGE, messageId: "m2" }];
    await Dispatch.dispatch("breaker");
    expect(invoked).toEqual(Array(2).fill("/2015-03-31/functions/probe/invocations"));
    expect(connections).toBe(1);
  } finally {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  }
});
