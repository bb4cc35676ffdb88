import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { gather } from "./gather.ts";

/** Fake work whose calls the test finishes one by one. */
function slow() {
  const calls: {
    items: readonly string[];
    end: (results: (string | Error)[]) => void;
    fail: (error: Error) => void;
  }[] = [];
  const work = (items: readonly string[]) =>
    new Promise<(string | Error)[]>((end, fail) => {
      calls.push({ items, end, fail });
    });
  return { calls, work, seen: () => calls.map(({ items }) => items.join("")) };
}

test("gather() makes one call per item while no call is running, and batches the items that arrive during two running calls", async () => {
  const { calls, work, seen } = slow();
  const send = gather(work, 3);
  const results = [send("a")];
  await turn();
  results.push(send("b"));
  await turn();
  results.push(...["c", "d"].map(send));
  await turn();
  results.push(...["e", "f"].map(send));
  await turn();
  expect(seen()).toEqual(["a", "b"]);
  calls[0]?.end(["A"]);
  await turn();
  expect(seen()).toEqual(["a", "b", "cde"]); // one call takes at most three items
  calls[1]?.end(["B"]);
  calls[2]?.end(["C", "D", "E"]);
  await turn();
  calls[3]?.end(["F"]);
  expect(await Promise.all(results)).toEqual(["A", "B", "C", "D", "E", "F"]);
});

test("gather() batches the items that arrive in one tick of the event loop, and starts their call at the end of that tick", async () => {
  const { calls, work, seen } = slow();
  const send = gather(work, 3);
  const results = Promise.all(["a", "b", "c", "d"].map(send));
  expect(seen()).toEqual([]);
  await turn();
  expect(seen()).toEqual(["abc", "d"]);
  calls[0]?.end(["A", "B", "C"]);
  calls[1]?.end(["D"]);
  expect(await results).toEqual(["A", "B", "C", "D"]);
});

test("gather() gives each item its own result or error; a failed call rejects only its own items", async () => {
  const { calls, work } = slow();
  const send = gather(work, 2);
  const results = Promise.allSettled(["a", "b", "c", "d"].map(send));
  await turn();
  calls[0]?.end(["A", new Error("refused")]);
  calls[1]?.fail(new Error("no connection"));
  expect(await results).toEqual([
    { status: "fulfilled", value: "A" },
    { status: "rejected", reason: new Error("refused") },
    { status: "rejected", reason: new Error("no connection") },
    { status: "rejected", reason: new Error("no connection") },
  ]);
});

test("gather() puts items that must not share a call into different calls, without delaying other items", async () => {
  const { calls, work, seen } = slow();
  const send = gather(work, 3, (item, others) => !others.includes(item));
  const results = Promise.all(["a", "a", "b", "b", "c"].map(send));
  await turn();
  expect(seen()).toEqual(["abc", "ab"]);
  calls[0]?.end(["A", "B", "C"]);
  calls[1]?.end(["A", "B"]);
  expect(await results).toEqual(["A", "A", "B", "B", "C"]);
});

test("gather() processes an item alone if it may not join other items", async () => {
  const { calls, work, seen } = slow();
  const send = gather(work, 3, () => false);
  const results = Promise.all(["large", "huge", "vast"].map(send));
  await turn();
  expect(seen()).toEqual(["large", "huge"]);
  calls[0]?.end(["L"]);
  await turn();
  calls[1]?.end(["H"]);
  calls[2]?.end(["V"]);
  expect([await results, seen()]).toEqual([
    ["L", "H", "V"],
    ["large", "huge", "vast"],
  ]);
});

test("gather() rejects all items when the work returns fewer results than items", async () => {
  const send = gather(async (): Promise<string[]> => [], 3);
  await expect(send("a")).rejects.toThrow("one result for each item");
});
