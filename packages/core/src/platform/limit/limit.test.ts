import { afterEach, beforeEach, expect, test } from "vitest";
import { Config } from "../config.ts";
import { Limit, type Rule } from "./index.ts";

const RULE: Rule = { name: "test", limit: 2, windowSeconds: 60 };
const taken = async (rule: Rule, key: string, times: number) => {
  const results = [];
  for (let time = 0; time < times; time += 1) results.push(await Limit.take(rule, key));
  return results.map(({ isAllowed, remaining }) => [isAllowed, remaining]);
};

beforeEach(() => Config.use({}));
afterEach(() => Limit.forget());

test("a rate limit's key may make the limit's number of requests per window; further requests are rejected with 0 remaining", async () => {
  expect(await taken(RULE, "a", 4)).toEqual([
    [true, 1],
    [true, 0],
    [false, 0],
    [false, 0],
  ]);
});

test("rate limits count each key separately, and each rule with another name, limit or window", async () => {
  await taken(RULE, "a", 3);
  const others = [
    [RULE, "b"],
    [{ ...RULE, name: "other" }, "a"],
    [{ ...RULE, limit: 5 }, "a"],
    [{ ...RULE, windowSeconds: 61 }, "a"],
  ] as const;
  for (const [rule, key] of others) expect(await taken(rule, key, 1)).toEqual([[true, rule.limit - 1]]);
});

test("the seconds until the limit's window expires are whole, at least one, and at most the window", async () => {
  const [long] = [await Limit.take({ ...RULE, windowSeconds: 600 }, "a")];
  expect(long.resetSeconds).toBeGreaterThan(595);
  expect(long.resetSeconds).toBeLessThanOrEqual(600);
  expect(Number.isInteger(long.resetSeconds)).toBe(true);
  const refused = [await Limit.take({ ...RULE, limit: 0, windowSeconds: 1 }, "a")];
  expect(refused).toEqual([{ isAllowed: false, remaining: 0, resetSeconds: 1 }]);
});

test("forget() resets the counts of rate limits", async () => {
  await taken(RULE, "a", 3);
  Limit.forget();
  expect(await taken(RULE, "a", 1)).toEqual([[true, 1]]);
});
