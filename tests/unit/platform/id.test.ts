import { expect, test } from "vitest";
import { Id } from "@gotong/core/platform/id.ts";
import { sized } from "../../harness/size.ts";

const BURST = sized(100_000, 1_000_000);

test("event ids created in a burst are unique and well-formed", () => {
  const ids = new Set<string>();
  for (let made = 0; made < BURST; made += 1) ids.add(Id.event());
  expect(ids.size).toBe(BURST);
  expect(ids.values().next().value).toMatch(/^evt_[0-9a-f]{16}$/);
});
