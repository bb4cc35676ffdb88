import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { percentileMs } from "@gotong/ops/capacity/queueing.ts";
import { usePlatform } from "../../harness/platform.ts";
import { sized } from "../../harness/size.ts";

const platform = usePlatform({ workers: false });
/**
 * Number of requests. The test runs only in the long form, on an otherwise idle host: other tests in parallel would
 * distort it.
 */
const REQUESTS = sized(0, 3_000);
const UTILISATION = 0.5;

test.skipIf(REQUESTS === 0)(
  "the capacity model predicts the p95 of the real API with one server within a factor of five",
  async () => {
    const member = await platform.person();
    const ask = async () => {
      const started = performance.now();
      expect((await member.get("/v1/tasks")).status).toBe(200);
      return performance.now() - started;
    };
    for (let n = 0; n < 50; n += 1) await ask(); // warm-up
    const alone: number[] = [];
    for (let n = 0; n < 200; n += 1) alone.push(await ask());
    const mean = alone.reduce((sum, one) => sum + one, 0) / alone.length;
    const variance = alone.reduce((sum, one) => sum + (one - mean) ** 2, 0) / alone.length;
    // Requests arrive at random times and are served one after the other.
    const times: number[] = [];
    let tail: Promise<unknown> = Promise.resolve();
    for (let n = 0; n < REQUESTS; n += 1) {
      await sleep(-Math.log(1 - Math.random()) * (mean / UTILISATION));
      const arrived = performance.now();
      tail = tail.then(ask).then(() => times.push(performance.now() - arrived));
    }
    await tail;
    const measured = times.toSorted((a, b) => a - b)[Math.floor(REQUESTS * 0.95)] ?? 0;
    const predicted = percentileMs(0.95, {
      servers: 1,
      load: UTILISATION,
      serviceMs: mean,
      variation: variance / mean ** 2,
    });
    process.stdout.write(
      `one request ${mean.toFixed(1)} ms; p95 at ${UTILISATION * 100} %: ${measured.toFixed(1)} ms measured, ${predicted.toFixed(1)} ms by the model, off by ${((predicted / measured - 1) * 100).toFixed(0)} %\n`,
    );
    expect(predicted / measured).toBeGreaterThan(0.2);
    expect(predicted / measured).toBeLessThan(5);
  },
);
