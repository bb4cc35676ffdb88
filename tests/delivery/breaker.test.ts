import * as v from "valibot";
import { beforeEach, expect, test } from "vitest";
import { Breaker } from "@gotong/core/delivery/breaker.ts";
import { Receives } from "@gotong/core/delivery/receives.ts";
import { Valve } from "@gotong/core/delivery/valve.ts";
import { Delivery } from "@gotong/core/event/message.ts";
import { type Incoming, Queue } from "@gotong/core/queue/index.ts";
import { runBatch } from "@gotong/workers/batch.ts";
import { breaker } from "@gotong/workers/breaker/process.ts";
import { deliveries } from "@gotong/workers/deliveries/process.ts";
import { usePlatform } from "../harness/platform.ts";
import { contributionOf } from "../harness/scenes.ts";

// No workers: each test makes the probes itself.
const platform = usePlatform({ workers: false });

beforeEach(async () => {
  await untilEmpty();
  Breaker.reset();
  Receives.reset();
  await Valve.get().open();
});

async function untilEmpty(): Promise<void> {
  for (;;) {
    const messages = await Queue.get().receive("deliveries", 0);
    if (messages.length === 0) return;
    for (const message of messages) await Queue.get().remove("deliveries", message);
  }
}

/** The breaker's message about an event with which a sender opens it. */
async function probe(): Promise<Incoming> {
  await contributionOf(await platform.person());
  const [message] = await Queue.get().receive("deliveries", 0);
  if (!message) throw new Error("no message");
  await Queue.get().remove("deliveries", message);
  const delivery = v.parse(v.pipe(v.string(), v.parseJson(), Delivery), message.body);
  const body = JSON.stringify({ ...delivery, opened_at: new Date().toISOString() });
  return { messageId: message.messageId, body, receiptHandle: "", receiveCount: 1, group: "breaker" };
}

const attempts = () => [...platform.markov.tally.values()].reduce((sum, count) => sum + count, 0);

test("one event at which Markov fails does not hold up the others: a few of them are tried as well", async () => {
  const opening = await probe();
  await contributionOf(await platform.person());
  platform.markov.misbehave({ count: 1, status: 500 });
  const before = platform.markov.ledger.events.length;
  expect(await breaker.process(opening)).toBeUndefined();
  expect(platform.markov.ledger.events.length).toBe(before + 1);
  expect(await Valve.isClosed()).toBe(false);
  expect(await Queue.get().receive("deliveries", 0)).toEqual([]);
});

test("as long as Markov takes none, the flow is held, and the events that were tried come back", async () => {
  const opening = await probe();
  await contributionOf(await platform.person());
  platform.markov.misbehave({ count: 2, status: 500 });
  expect(await breaker.process(opening)).toBe(15);
  expect(await Valve.isClosed()).toBe(true);
  platform.markov.misbehave({ count: 1, status: 500 });
  expect(await breaker.process({ ...opening, receiveCount: 9 })).toBeUndefined(); // the other one waits for its second: nobody is there
  expect(await Valve.isClosed()).toBe(false);
});

test("where no event waits nothing is held; whoever fails next opens the breaker again", async () => {
  const opening = await probe();
  platform.markov.misbehave({ count: 1, status: 500 });
  expect(await breaker.process(opening)).toBeUndefined();
  expect(await Valve.isClosed()).toBe(false);
});

test("a 429 is said to everyone: no other event is tried", async () => {
  const opening = await probe();
  await contributionOf(await platform.person());
  platform.markov.misbehave({ count: 1, status: 429, retry_after: "40" });
  const before = platform.markov.ledger.events.length;
  expect(await breaker.process(opening)).toBe(40);
  expect(platform.markov.ledger.events.length).toBe(before);
  expect(await Queue.get().receive("deliveries", 0)).toHaveLength(1);
});

test("probes that were sent before the flow began again are dropped without an attempt", async () => {
  const opening = await probe();
  expect(await breaker.process(opening)).toBeUndefined();
  const before = attempts();
  expect(await breaker.process({ ...opening, messageId: "another" })).toBeUndefined();
  expect(attempts()).toBe(before);
});

test("a 429 without Retry-After pauses everyone for 5 s, however long the event itself has to wait", async () => {
  await contributionOf(await platform.person());
  const [message] = await Queue.get().receive("deliveries", 0);
  if (!message) throw new Error("no message");
  platform.markov.misbehave({ count: 1, status: 429 });
  const [fate] = await runBatch(deliveries, [{ ...message, receiveCount: 13 }]);
  expect(fate?.retryInSeconds).toBeGreaterThan(2_000);
  expect(Breaker.heldForSeconds()).toBe(5);
});
