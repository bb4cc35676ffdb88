import { expect, test } from "vitest";
import { growing } from "./lockout-rules.ts";

test("lock times start at the limit with a minute, double, and never exceed 15 minutes", () => {
  expect([1, 4, 5, 6, 7, 8, 9, 10, 1000].map((failures) => growing(failures, 5, 60))).toEqual([
    0, 0, 60, 120, 240, 480, 900, 900, 900,
  ]);
});
