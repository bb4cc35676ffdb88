import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Log } from "@gotong/core/platform/log.ts";
import { sized } from "../../harness/size.ts";
import { run } from "./run.ts";

/** Number of kills; `npm run long -- kills` runs more. */
const KILLS = sized(6, 12);
const dir = mkdtempSync(join(tmpdir(), "gotong-kills-"));
const restoreLog = Log.to(() => undefined);
afterAll(() => {
  restoreLog();
  rmSync(dir, { recursive: true, force: true });
});

test("with API, workers, PostgreSQL and queue killed under load, every answered act is delivered, in order, and nothing else is", async () => {
  const result = await run({ dir, kills: KILLS, events: 20 * KILLS, visibilitySeconds: 5, isSweptAtEnd: true });
  expect(Object.values(result.kills).reduce((sum, count) => sum + count, 0)).toBe(KILLS);
  expect(result.answered).toBeGreaterThanOrEqual(20 * KILLS);
  expect(result.lost).toBe(0);
  expect(Object.values(result.duplicatesByCause).reduce((sum, count) => sum + count, 0)).toBe(result.duplicates);
  // Ignores the guarantee about the share of duplicates, which one kill changes too much in so short a run. `npm run
  // long -- kills` checks it.
  expect(result.broken.filter((promise) => !promise.includes("duplicates"))).toEqual([]);
}, 180_000);
