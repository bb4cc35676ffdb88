import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Log } from "@gotong/core/platform/log.ts";
import { sized } from "../../harness/size.ts";
import { run } from "./run.ts";

/** `npm run long -- kills` does more of them. */
const KILLS = sized(6, 12);
const dir = mkdtempSync(join(tmpdir(), "gotong-kills-"));
const restoreLog = Log.to(() => undefined);
afterAll(() => {
  restoreLog();
  rmSync(dir, { recursive: true, force: true });
});

test("API, workers, PostgreSQL and queue killed with -9 under load: every answered act is delivered, in order, and nothing else is", async () => {
  const result = await run({ dir, kills: KILLS, events: 20 * KILLS, visibilitySeconds: 5, isSweptAtEnd: true });
  expect(Object.values(result.kills).reduce((sum, count) => sum + count, 0)).toBe(KILLS);
  expect(result.answered).toBeGreaterThanOrEqual(20 * KILLS);
  expect(result.lost).toBe(0);
  expect(Object.values(result.duplicatesByCause).reduce((sum, count) => sum + count, 0)).toBe(result.duplicates);
  // One kill weighs too much in a run this short: the share of duplicates is checked by `npm run long -- kills`.
  expect(result.broken.filter((promise) => !promise.includes("duplicates"))).toEqual([]);
}, 180_000);
