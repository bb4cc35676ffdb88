import { expect, test } from "vitest";
import { operations } from "../../unit/contract/document.ts";
import { usePlatform } from "../../harness/platform.ts";
import { sized } from "../../harness/size.ts";
import { fuzz } from "./run.ts";

/** Number of generated requests. `npm run long -- fuzz --requests N --seed S` sets this number and the seed. */
const REQUESTS = Number(process.env["FUZZ_REQUESTS"] ?? sized(1_500, 2_000));
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_260_501);

const platform = usePlatform({ workers: true });

test(
  `${REQUESTS} generated requests get no 5xx and no undocumented response, and invalid input is always rejected`,
  { timeout: 1_800_000 },
  async () => {
    const startedAt = performance.now();
    const { failures, ...report } = await fuzz(platform, REQUESTS, SEED);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`${JSON.stringify(report)} in ${seconds} s\n`);
    // Shows only one failure of each kind.
    const kinds = new Map(failures.map((failure) => [failure.split("\n")[0]?.replace(/ \(seed \d+\)/, ""), failure]));
    expect([...kinds.values()].slice(0, 20).join("\n")).toBe("");
    expect(failures).toHaveLength(0);
    expect(report.sent).toBe(REQUESTS);
    expect(report.operations).toBe(operations.length);
  },
);
