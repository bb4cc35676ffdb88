import { expect, test } from "vitest";
import { CircuitBreaker } from "./circuit-breaker.ts";

const OPEN_MS = 10_000;

/** A circuit breaker after the given number of failures at time 0. */
function failing(failures: number): CircuitBreaker {
  const breaker = new CircuitBreaker(3);
  for (let made = 0; made < failures; made += 1) {
    expect(breaker.tryAcquire(0)).toBe(true);
    breaker.failed(0, OPEN_MS);
  }
  return breaker;
}

test("the circuit breaker opens after three consecutive failures for the given time; a success in between resets the count", () => {
  expect(failing(2).isOpen(0)).toBe(false);
  expect(failing(3).isOpen(0)).toBe(true);
  expect(failing(3).tryAcquire(OPEN_MS - 1)).toBe(false);
  const breaker = failing(2);
  breaker.succeeded();
  breaker.failed(0, OPEN_MS);
  breaker.failed(0, OPEN_MS);
  expect(breaker.isOpen(0)).toBe(false);
});

test("a half-open circuit breaker allows one call: a success closes it, a failure opens it again", () => {
  const good = failing(3);
  expect([good.tryAcquire(OPEN_MS), good.tryAcquire(OPEN_MS), good.isOpen(OPEN_MS)]).toEqual([true, false, true]);
  good.succeeded();
  expect([good.tryAcquire(OPEN_MS), good.tryAcquire(OPEN_MS)]).toEqual([true, true]);
  const bad = failing(3);
  expect(bad.tryAcquire(OPEN_MS)).toBe(true);
  bad.failed(OPEN_MS + 3_000, OPEN_MS);
  expect([bad.isOpen(2 * OPEN_MS + 2_999), bad.tryAcquire(2 * OPEN_MS + 3_000)]).toEqual([true, true]);
});

test("failures of calls that began before the circuit breaker opened do not extend its open time", () => {
  const breaker = failing(3);
  breaker.failed(5_000, OPEN_MS);
  expect(breaker.isOpen(OPEN_MS)).toBe(false);
});
