import * as v from "valibot";
import { beforeEach, expect, test } from "vitest";
import { Breaker, DeliverySwitch } from "@gotong/core/webhook/index.ts";
import { DeliveryMessage } from "@gotong/core/outbox/index.ts";
import { type Incoming, Queue } from "@gotong/core/platform/queue/index.ts";
import { runBatch } from "@gotong/workers/batch.ts";
import { breaker } from "@gotong/workers/breaker/process.ts";
import { deliveries, forgetReceives } from "@gotong/workers/deliveries/process.ts";
import { usePlatform } from "../../harness/platform.ts";
import { drain } from "../../harness/queue.ts";
import { contributionOf } from "../../harness/scenes.ts";

// The platform runs without workers, since each test processes the probes itself.
const platform = usePlatform({ workers: false });

beforeEach(async () => {
  await drain("deliveries");
  Breaker.reset();
  forgetReceives();
  await DeliverySwitch.get().resume();
});

/**
 * The event of a new contribution, as the message that a sender puts into the queue `breaker` when the circuit breaker
 * opens.
 */
async function probe(): Promise<Incoming> {
  await contributionOf(await platform.person());
  const [message] = await Queue.get().receive("deliveries", 0);
  if (!message) throw new Error("no message");
  await Queue.get().remove("deliveries", message);
  const delivery = v.parse(v.pipe(v.string(), v.parseJson(), DeliveryMessage), message.body);
  const body = JSON.stringify({ ...delivery, opened_at: new Date().toISOString() });
  return { messageId: message.messageId, body, receiptHandle: "", receiveCount: 1, group: "breaker" };
}

const attempts = () => [...platform.markov.tally.values()].reduce((sum, count) => sum + count, 0);

test("if Markov fails for one event only, other events are sent as probes and deliveries are not paused", async () => {
  const opening = await probe();
  await contributionOf(await platform.person());
  platform.markov.misbehave({ count: 1, status: 500 });
  const before = platform.markov.ledger.events.length;
  expect(await breaker.process(opening)).toBeUndefined();
  expect(platform.markov.ledger.events.length).toBe(before + 1);
  expect(await DeliverySwitch.isPaused()).toBe(false);
  expect(await Queue.get().receive("deliveries", 0)).toEqual([]);
});

test("without another event to send as a probe, the circuit breaker retries its probe each minute", async () => {
  const opening = await probe();
  platform.markov.misbehave({ count: 2, status: 500 });
  expect(await breaker.process(opening)).toBe(15);
  expect(await breaker.process({ ...opening, receiveCount: 9 })).toBe(60);
  expect(await DeliverySwitch.isPaused()).toBe(true);
});

test("while Markov fails for all events, an attempted event is not dead-lettered, even if it is over 72 hours old", async () => {
  const opening = await probe();
  await contributionOf(await platform.person());
  const [young] = await Queue.get().receive("deliveries", 0);
  if (!young) throw new Error("no message");
  await Queue.get().remove("deliveries", young);
  const old = { ...JSON.parse(young.body), created_at: new Date(Date.now() - 100 * 3_600_000).toISOString() };
  const fifo = { group: String(young.group), id: `${old.event_id}-old` };
  await Queue.get().send("deliveries", { body: Queue.toBody(old), fifo });
  for (let receives = 1; receives <= 14; receives += 1)
    for (const message of await Queue.get().receive("deliveries", 0)) await Queue.get().hide("deliveries", message, 0);
  await drain("outcomes");
  platform.markov.misbehave({ count: 2, status: 500 });
  expect(await breaker.process(opening)).toBe(15);
  expect(await Queue.get().receive("outcomes", 0)).toEqual([]);
});

test("a 429 on a probe pauses all senders, and no other event is attempted", async () => {
  const opening = await probe();
  await contributionOf(await platform.person());
  platform.markov.misbehave({ count: 1, status: 429, retry_after: "40" });
  const before = platform.markov.ledger.events.length;
  expect(await breaker.process(opening)).toBe(40);
  expect(platform.markov.ledger.events.length).toBe(before);
  expect(await Queue.get().receive("deliveries", 0)).toHaveLength(1);
});

test("probes that were sent before the circuit breaker closed are dropped without an attempt", async () => {
  const opening = await probe();
  expect(await breaker.process(opening)).toBeUndefined();
  const before = attempts();
  expect(await breaker.process({ ...opening, messageId: "another" })).toBeUndefined();
  expect(attempts()).toBe(before);
});

test("an event that has failed many times does not open the circuit breaker", async () => {
  const failure = { verdict: "retry", pauseSeconds: 0 } as const;
  const noted = async (attempts: number) => {
    const opened: boolean[] = [];
    for (let n = 0; n < 12; n += 1) opened.push(await Breaker.record(failure, `subject ${n % 4}`, attempts));
    return opened.indexOf(true);
  };
  expect(await noted(4)).toBe(-1);
  expect(await noted(3)).toBe(7);
});

test("a 429 without Retry-After pauses all senders for 5 s, independently of the event's own backoff", async () => {
  await contributionOf(await platform.person());
  const [message] = await Queue.get().receive("deliveries", 0);
  if (!message) throw new Error("no message");
  platform.markov.misbehave({ count: 1, status: 429 });
  const [fate] = await runBatch(deliveries, [{ ...message, receiveCount: 13 }]);
  expect(fate?.retryInSeconds).toBeGreaterThan(2_000);
  expect(Breaker.pausedForSeconds()).toBe(5);
});

// This must be the last test, since its messages become visible again after a second.
test("while every attempt fails, deliveries are paused for up to five minutes, and the attempted events return to the queue", async () => {
  const opening = await probe();
  await Promise.all([1, 2, 3, 4, 5, 6].map(async () => contributionOf(await platform.person())));
  platform.markov.misbehave({ count: 6, status: 500 });
  expect(await breaker.process({ ...opening, receiveCount: 9 })).toBe(300);
  expect(await DeliverySwitch.isPaused()).toBe(true);
  expect(await Queue.get().receive("deliveries", 0)).toHaveLength(1); // of six messages, five are hidden until their next attempt
});
