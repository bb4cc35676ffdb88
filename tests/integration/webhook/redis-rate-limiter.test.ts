import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as v from "valibot";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Breaker, DeliverySwitch, RateLimiter } from "@gotong/core/webhook/index.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { OwnRedis, hasRedis } from "../../harness/redis.ts";

const Report = v.object({ taken: v.number(), alone: v.number() });
const SENDERS = 3;
const PER_MINUTE = 1_200;
const BURST_AT_START = 100;
const redis = new OwnRedis();
const variables = () => ({
  REDIS_URL: redis.url,
  MARKOV_API_URL: "https://markov.example.org",
  GOTONG_ROYONG_WEBHOOK_SECRET: "0123456789abcdef0123456789abcdef",
  MARKOV_LIMIT_PER_MINUTE: String(PER_MINUTE),
  DELIVERY_SENDERS: String(SENDERS),
});

describe.skipIf(!hasRedis)("senders that share a Redis", () => {
  let restore: () => void;
  beforeAll(() => {
    restore = Log.to(() => undefined);
  });
  beforeEach(async () => {
    await redis.start();
    Config.use(variables());
    forget();
  });
  afterEach(async () => {
    forget();
    await Cache.close();
    await redis.kill();
  });
  afterAll(async () => {
    restore();
    Config.use({});
    await redis.remove();
  });
  function forget() {
    RateLimiter.reset();
    Breaker.reset();
    DeliverySwitch.use(undefined);
  }

  /**
   * Runs sender processes, which concurrently take slots of the rate limiter (one for each attempt).
   * @returns the number of slots that each took, and the maximum that the limit allows
   */
  async function race(senders: number, milliseconds: number) {
    const began = performance.now();
    const reports = await Promise.all(
      Array.from({ length: senders }, async () => {
        const child = spawn(process.execPath, [join(import.meta.dirname, "sender.ts"), String(milliseconds)], {
          env: variables(),
          stdio: ["ignore", "pipe", "inherit"],
        });
        return v.parse(Report, JSON.parse(await text(child.stdout)));
      }),
    );
    const seconds = (performance.now() - began) / 1000;
    // If Redis timed out on a busy host, a sender used its own share as well, so the limit allows up to twice as many
    // slots.
    const flows = reports.some(({ alone }) => alone > 0) ? 2 : 1;
    const counts = reports.map(({ taken }) => taken);
    const sum = counts.reduce((a, b) => a + b, 0);
    return { counts, sum, most: BURST_AT_START + flows * (PER_MINUTE / 60) * seconds + senders };
  }

  test("senders that share a Redis share one rate limit, and a single sender may use all of it", async () => {
    const together = await race(SENDERS, 3_000);
    expect(together.sum).toBeLessThanOrEqual(together.most);
    await redis.kill();
    await redis.start();
    const single = await race(1, 3_000);
    // Without Redis, a sender gets only its own share, a third of the limit: a larger sum proves that it used the
    // shared limit.
    expect(single.sum).toBeGreaterThan(BURST_AT_START + PER_MINUTE / 60);
    expect(single.sum).toBeLessThanOrEqual(single.most);
    process.stdout.write(`turns of three senders in 3 s: ${together.counts.join(" + ")}; of one: ${single.sum}\n`);
  });

  test("all senders that share a Redis pause when one of them got a 429, and resume slowly", async () => {
    expect(await RateLimiter.wait(0, new Date())).toBe(0);
    expect(await Breaker.record({ verdict: "slow_down", pauseSeconds: 30 }, "s", 1)).toBe(false);
    forget(); // simulates another process, which has not got the 429 itself
    const waitMs = await RateLimiter.wait(0, new Date());
    expect(waitMs).toBeGreaterThan(20_000);
    expect(waitMs).toBeLessThanOrEqual(30_000);
    await DeliverySwitch.get().resume(); // resuming deliveries does not end the pause of the rate limiter
    expect(await RateLimiter.wait(0, new Date())).toBeGreaterThan(20_000);
  });

  test("after an outage, senders that share a Redis start at a tenth of the rate", async () => {
    await RateLimiter.slowStart();
    forget();
    expect(await RateLimiter.wait(0, new Date())).toBe(0);
    const waitMs = await RateLimiter.wait(0, new Date());
    expect(waitMs).toBeGreaterThan(60_000 / PER_MINUTE);
    expect(waitMs).toBeLessThanOrEqual((10.2 * 60_000) / PER_MINUTE); // slightly more than ten intervals, since one hundredth of the limit is not used
  });

  test("pausing and resuming deliveries through Redis applies to all pods", async () => {
    await DeliverySwitch.get().pause(60_000);
    DeliverySwitch.use(undefined); // simulates another process, whose own variable is not paused
    expect(await DeliverySwitch.isPaused()).toBe(true);
    await DeliverySwitch.get().resume();
    expect(await DeliverySwitch.isPaused()).toBe(false);
    await DeliverySwitch.get().pause(60_000);
    await redis.kill();
    expect(await DeliverySwitch.isPaused()).toBe(true); // without Redis, the variable of this process decides
    DeliverySwitch.use(undefined);
    expect(await DeliverySwitch.isPaused()).toBe(false);
  });

  test("when Redis is killed, each sender uses its own share of the rate limit, without a new burst", async () => {
    expect(await RateLimiter.wait(0, new Date())).toBe(0);
    await redis.kill();
    const began = performance.now();
    const first = await RateLimiter.wait(0, new Date());
    let taken = first === 0 ? 1 : 0;
    for (let tries = 0; tries < 200; tries += 1) if ((await RateLimiter.wait(0, new Date())) === 0) taken += 1;
    const seconds = (performance.now() - began) / 1000;
    expect(taken).toBeLessThanOrEqual((PER_MINUTE / 60 / SENDERS) * seconds + 2);
    expect(taken).toBeGreaterThan(0);
  });
});
