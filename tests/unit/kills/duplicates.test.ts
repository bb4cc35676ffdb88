import { expect, test } from "vitest";
import { CAUSES, type Delivery, duplicatesByCause } from "../../system/kills/duplicates.ts";

const delivery = (eventId: string, atMs: number): Delivery => ({ eventId, atMs });
const loss = (atMs: number, ...eventIds: string[]) => ({ atMs, eventIds: new Set(eventIds) });
const none = Object.fromEntries(CAUSES.map((cause) => [cause, 0]));

test("an event that was lost with two queues and then delivered a second time counts as one duplicate", () => {
  const deliveries = [delivery("a", 10_000), delivery("a", 40_000)];
  const losses = [loss(20_000, "a"), loss(30_000, "a")];
  expect(duplicatesByCause(deliveries, [], losses)).toEqual({ ...none, "the queue lost its messages": 1 });
});

test("an event that is lost with a queue and not delivered again is not a duplicate", () => {
  expect(duplicatesByCause([delivery("a", 10_000)], [], [loss(20_000, "a")])).toEqual(none);
});

test("the loss of a queue explains only duplicates that arrive later, and only of events that the queue contained", () => {
  const deliveries = [delivery("a", 10_000), delivery("a", 15_000), delivery("b", 16_000), delivery("b", 30_000)];
  expect(duplicatesByCause(deliveries, [], [loss(20_000, "a")])).toEqual({ ...none, "no kill in between": 2 });
});

test("the numbers of duplicates by cause add up to all duplicates of a kill run", () => {
  const ids = ["a", "b", "c", "d"];
  const deliveries = [0, 10_000, 20_000].flatMap((start) =>
    ids.map((eventId, index) => delivery(eventId, start + index)),
  );
  const kills = [
    { part: "workers 1", atMs: 5_000 },
    { part: "postgres", atMs: 5_000 },
    { part: "queue", atMs: 15_000 },
  ];
  const counts = duplicatesByCause(deliveries, kills, [loss(15_000, "a", "b")]);
  expect(counts).toEqual({
    ...none,
    "the queue lost its messages": 2,
    "workers were killed": 4,
    "the queue was killed": 2,
  });
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(deliveries.length - ids.length);
});

test("a duplicate of a delivery that arrives just after the kill of its worker is attributed to that kill", () => {
  const kills = [{ part: "workers 2", atMs: 10_000 }];
  expect(duplicatesByCause([delivery("a", 10_200), delivery("a", 20_000)], kills, [])).toMatchObject({
    "workers were killed": 1,
  });
});
