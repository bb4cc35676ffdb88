import { expect, test } from "vitest";
import { type Facts, broken } from "../../system/kills/verdict.ts";

const arrival = (n: number, subject = "s") => ({
  eventId: `e-${subject}-${n}`,
  mark: `m-${subject}-${n}`,
  subject,
  sequence: n,
});
const arrivals = [arrival(1), arrival(2), arrival(1, "t"), arrival(3)];
const well: Facts = {
  answered: new Set(arrivals.map(({ mark }) => mark)),
  committed: new Map(arrivals.map(({ eventId }) => [eventId, "delivered"])),
  arrivals,
  duplicates: 0,
  refused: 0,
  crashes: [],
};

test("a kill run with every event delivered once, in order and recorded breaks no promise", () => {
  expect(broken(well)).toEqual([]);
});

test.each<[string, Partial<Facts>, string]>([
  [
    "an answered act without delivery",
    { answered: new Set(["m-x"]) },
    "answered with success and never delivered: 1 (m-x)",
  ],
  [
    "a committed event without delivery",
    { committed: new Map([...well.committed, ["e-x", "pending"]]) },
    "committed and never delivered: 1 (e-x)",
  ],
  [
    "a delivery without a committed event",
    { committed: new Map([...well.committed].slice(1)) },
    "delivered and never committed: 1 (e-s-1)",
  ],
  [
    "a delivery that was not recorded",
    { committed: new Map([...well.committed, ["e-s-1", "pending"]]) },
    "delivered and not recorded as delivered: 1 (e-s-1)",
  ],
  [
    "a subject whose first deliveries are out of order",
    { arrivals: [arrival(2), arrival(1), arrival(1, "t"), arrival(3)] },
    "first deliveries out of order: 3 (s: 0 then 2, s: 2 then 1, s: 1 then 3)",
  ],
  ["a process that exits without being killed", { crashes: ["api 1 × 1"] }, "ended by itself: 1 (api 1 × 1)"],
  ["a delivery that the receiver rejects", { refused: 2 }, "refused by the receiver: 2"],
  ["more duplicates than 1 %", { duplicates: 1 }, "more than 1 % duplicates: 1 of 4"],
])("the verdict of a kill run names %s", (_what, facts, promise) => {
  expect(broken({ ...well, ...facts })).toEqual([promise]);
});
