import { expect, test } from "vitest";
import { POWERS, capacity } from "@gotong/ops/capacity/command.ts";
import { percentileMs, waitingProbability } from "@gotong/ops/capacity/queueing.ts";
import { SHAPES } from "@gotong/ops/capacity/shape.ts";
import { simulate } from "@gotong/ops/capacity/simulate.ts";
import { profileOf } from "@gotong/ops/cost/profile.ts";

test("the waiting probability of the capacity model equals Erlang C, for values from textbooks", () => {
  expect(waitingProbability(1, 0.6)).toBeCloseTo(0.6, 10); // for one server (M/M/1) it equals the utilisation
  expect(waitingProbability(2, 1)).toBeCloseTo(1 / 3, 10);
  expect(waitingProbability(10, 8)).toBeCloseTo(0.4092, 3);
  expect(waitingProbability(3, 3)).toBe(1);
  expect(waitingProbability(1_000_000, 10)).toBe(0);
});

test("the modelled percentile grows with the load, and is infinite when the load reaches the number of servers", () => {
  const at = (load: number) => percentileMs(0.95, { servers: 4, load, serviceMs: 10 });
  const grown = [0.1, 1, 2, 3, 3.9].map(at);
  expect(grown).toEqual(grown.toSorted((a, b) => a - b));
  expect(at(4)).toBe(Number.POSITIVE_INFINITY);
});

test("the capacity model agrees with a simulation of single requests through the same queue", () => {
  // Uses a fixed sequence of random numbers, so that the result is reproducible on every host.
  let seed = 42;
  const random = () => {
    seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return (seed + 0.5) / 2 ** 32;
  };
  const exponential = (mean: number) => -Math.log(random()) * mean;
  for (const [servers, utilisation] of [
    [1, 0.6],
    [4, 0.8],
    [20, 0.9],
  ] as const) {
    const serviceMs = 10;
    const free = Array.from({ length: servers }, () => 0);
    const times: number[] = [];
    for (let n = 0, now = 0; n < 100_000; n += 1) {
      now += exponential(serviceMs / servers / utilisation);
      const first = free.indexOf(Math.min(...free));
      const end = Math.max(now, free[first] ?? 0) + exponential(serviceMs);
      free[first] = end;
      times.push(end - now);
    }
    const measured = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0;
    const predicted = percentileMs(0.95, { servers, load: servers * utilisation, serviceMs });
    process.stdout.write(
      `${servers} servers at ${utilisation}: ${measured.toFixed(1)} ms simulated, ${predicted.toFixed(1)} ms by the model\n`,
    );
    // The model adds the percentiles of service and waiting, which overestimates the percentile of their sum; only
    // sampling error makes it lower.
    expect(predicted / measured).toBeGreaterThan(0.95);
    expect(predicted / measured).toBeLessThan(2);
  }
});

test("a tenant of 300 users uses less than half of every resource, and more users use more of each", () => {
  const small = simulate(SHAPES.tenant, profileOf(300));
  expect(small.bottleneck.share).toBeLessThan(0.5);
  expect(small.firstRequestMs).toBeGreaterThan(15_000);
  expect(small.backlog).toBe(0);
  const rows = POWERS.map((users) => simulate(SHAPES.production, profileOf(users)));
  for (const { what } of rows[0]?.uses ?? []) {
    const shares = rows.map(({ uses }) => uses.find((use) => use.what === what)?.share ?? 0);
    expect(shares, what).toEqual(shares.toSorted((a, b) => a - b));
  }
});

test("production has capacity for 100,000 users, and the model names the first bottleneck", () => {
  const at = (users: number) => simulate(SHAPES.production, profileOf(users));
  expect(at(100_000).bottleneck.share).toBeLessThan(1);
  expect(at(100_000_000).bottleneck.share).toBeGreaterThan(1);
  expect(at(100_000_000).drainMinutes).toBe(Number.POSITIVE_INFINITY);
});

test("events above Markov's rate limit queue up, and the queue is empty again at night", () => {
  const load = { ...profileOf(1_000_000), events: (1_000 * 1440 * 365) / 12 / 2 };
  const { backlog, drainMinutes } = simulate(SHAPES.production, load);
  expect(backlog).toBeGreaterThan(0);
  expect(drainMinutes).toBeGreaterThan(0);
  expect(drainMinutes).toBeLessThan(1441);
});

test("gotong capacity prints a row for each power of ten, JSON without infinities, and a chart", async () => {
  const { text, data } = await capacity({ bill: false });
  expect(text.trim().split("\n")).toHaveLength(POWERS.length + 1);
  expect(JSON.stringify(data)).toContain('"users":100000000');
  expect((await capacity({ format: "svg" })).text).toMatch(/^<svg .*capacity of the writer/);
  await expect(capacity({ users: "all" })).rejects.toThrow("--users must be");
  await expect(capacity({ shape: "huge" })).rejects.toThrow("--shape must be");
});
