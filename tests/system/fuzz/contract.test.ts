import { expect, test } from "vitest";
import { operations } from "../../unit/contract/document.ts";
import { usePlatform } from "../../harness/platform.ts";
import { sized } from "../../harness/size.ts";
import { fuzz } from "./run.ts";

/** A short form within `npm test`; `npm run long -- fuzz --requests N --seed S` for any other. */
const REQUESTS = Number(process.env["FUZZ_REQUESTS"] ?? sized(1_500, 2_000));
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_260_501);

const platform = usePlatform({ workers: true });

test(
  `${REQUESTS} generated requests: no 5xx, no undocumented answer, and invalid input is always refused`,
  { timeout: 1_800_000 },
  async () => {
    const startedAt = performance.now();
    const { failures, ...report } = await fuzz(platform, REQUESTS, SEED);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`${JSON.stringify(report)} in ${seconds} s\n`);
    // One of each kind is enough to begin with.
    const kinds = new Map(failures.map((failure) => [failure.split("\n")[0]?.replace(/ \(seed \d+\)/, ""), failure]));
    expect([...kinds.values()].slice(0, 20).join("\n")).toBe("");
    expect(failures).toHaveLength(0);
    expect(report.sent).toBe(REQUESTS);
    expect(report.operations).toBe(operations.length);
  },
);
