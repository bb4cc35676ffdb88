import fc from "fast-check";
import { expect, test } from "vitest";
import { isOutOfRetries, pauseSeconds, retryAfter, verdictOn, waitSeconds } from "./schedule.ts";

test("Markov's response statuses map to verdicts as in the table of platform.md §4", () => {
  const verdicts = (statuses: (number | null)[]) => statuses.map(verdictOn);
  expect(verdicts([200, 202, 204])).toEqual(["delivered", "delivered", "delivered"]);
  expect(verdicts([400, 413, 422])).toEqual(["refused", "refused", "refused"]);
  expect(verdicts([401, 403, 404])).toEqual(["our_fault", "our_fault", "our_fault"]);
  expect(verdicts([429, null, 500, 503, 301, 408, 409, 410])).toEqual([
    "slow_down",
    "retry",
    "retry",
    "retry",
    "retry",
    "retry",
    "retry",
    "retry",
  ]);
});

test("the backoff waits 1, 2, 4, 8 s, then doubles with 20 % jitter, and stays between one second and one hour", () => {
  expect([1, 2, 3, 4].map((attempts) => waitSeconds("retry", attempts, 0.9))).toEqual([1, 2, 4, 8]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempts, random) => {
        const wait = waitSeconds("retry", attempts, random);
        const base = Math.min(3600, 2 ** Math.min(attempts - 1, 12));
        expect(wait).toBeGreaterThanOrEqual(Math.max(1, Math.floor(base * 0.8)));
        expect(wait).toBeLessThanOrEqual(Math.min(3600, Math.ceil(base * 1.2)));
      },
    ),
  );
  expect(waitSeconds("our_fault", 1, 0.5)).toBe(60);
  expect([0, 7, 90_000].map((asked) => waitSeconds("slow_down", 1, 0.5, asked))).toEqual([1, 7, 3600]);
});

test("Retry-After is parsed as seconds or a date, and ignored when invalid", () => {
  const now = new Date("2026-05-01T00:00:00Z");
  expect(retryAfter("120", now)).toBe(120);
  expect(retryAfter("Fri, 01 May 2026 00:01:00 GMT", now)).toBe(60);
  expect(retryAfter("Thu, 30 Apr 2026 00:01:00 GMT", now)).toBe(0);
  expect(retryAfter("soon", now)).toBeUndefined();
  expect(retryAfter(null, now)).toBeUndefined();
});

test("after a 429 all senders pause for Retry-After, or for 5 s without that header, not for the event's backoff", () => {
  expect([undefined, 0, 7, 90_000].map(pauseSeconds)).toEqual([5, 1, 7, 3600]);
});

test("an event becomes dead after 72 hours, but not before its 12th attempt", () => {
  const created = new Date(0);
  expect(isOutOfRetries(created, 90, new Date(72 * 3_600_000))).toBe(false);
  expect(isOutOfRetries(created, 90, new Date(72 * 3_600_000 + 1))).toBe(true);
  expect([11, 12].map((attempts) => isOutOfRetries(created, attempts, new Date(73 * 3_600_000)))).toEqual([
    false,
    true,
  ]);
});
