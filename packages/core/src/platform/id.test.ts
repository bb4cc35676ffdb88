import { expect, test } from "vitest";
import { Id } from "./id.ts";

test("a million event ids created in a burst are unique and well-formed", () => {
  const ids = new Set<string>();
  for (let made = 0; made < 1_000_000; made += 1) ids.add(Id.event());
  expect(ids.size).toBe(1_000_000);
  expect(ids.values().next().value).toMatch(/^evt_[0-9a-f]{16}$/);
});
