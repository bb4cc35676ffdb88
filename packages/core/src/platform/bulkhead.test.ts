import { expect, test } from "vitest";
import { Bulkhead, BulkheadFull } from "./bulkhead.ts";

const LIMITS = { inside: 2, waiting: 3, waitMs: 10_000 };

test("callers above the bulkhead's limit wait in order; callers above the queue limit are rejected immediately", async () => {
  const bulkhead = new Bulkhead();
  const leave = [await bulkhead.enter(LIMITS), await bulkhead.enter(LIMITS)];
  const entered: number[] = [];
  const waiting = [1, 2, 3].map(async (n) => {
    const out = await bulkhead.enter(LIMITS);
    entered.push(n);
    return out;
  });
  await expect(bulkhead.enter(LIMITS)).rejects.toBeInstanceOf(BulkheadFull);
  expect([entered, bulkhead.isEmpty]).toEqual([[], false]);
  leave[0]?.();
  leave[0]?.(); // a second call has no effect
  const [first, second, third] = waiting;
  const outOfFirst = await first;
  expect(entered).toEqual([1]);
  outOfFirst?.();
  const outOfSecond = await second;
  expect(entered).toEqual([1, 2]);
  for (const out of [leave[1], outOfSecond]) out?.();
  (await third)?.();
  expect([entered, bulkhead.isEmpty]).toEqual([[1, 2, 3], true]);
});

test("a caller that waits too long for the bulkhead is rejected, and is not let in when another caller leaves", async () => {
  const bulkhead = new Bulkhead();
  const leave = await bulkhead.enter({ ...LIMITS, inside: 1 });
  await expect(bulkhead.enter({ ...LIMITS, inside: 1, waitMs: 1 })).rejects.toBeInstanceOf(BulkheadFull);
  leave();
  expect(bulkhead.isEmpty).toBe(true);
});
