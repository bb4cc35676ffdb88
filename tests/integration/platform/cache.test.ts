import { AsyncLocalStorage } from "node:async_hooks";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { freshDatabase } from "../../harness/database.ts";
import { OwnRedis, hasRedis } from "../../harness/redis.ts";
import { until } from "../../harness/scenes.ts";

/** A source that counts its loads, and that can be made to wait or fail. */
function source() {
  const state = { calls: 0, fails: false, answersAfter: Promise.resolve() };
  const load = async () => {
    state.calls += 1;
    const answer = `answer ${state.calls}`;
    await state.answersAfter;
    await new Promise((resolve) => setImmediate(resolve));
    if (state.fails) throw new Error("the source is away");
    return answer;
  };
  return { state, load };
}

let seconds = 0;
let restore: (() => void)[] = [];
const key = () => `test:${Math.random()}`;
const policy = { ttlSeconds: 60, staleSeconds: 600 };

beforeEach(async () => {
  seconds = 0;
  const start = Date.now();
  restore = [Clock.set(() => new Date(start + seconds * 1000)), Log.to(() => undefined)];
  await Cache.close();
});
afterEach(async () => {
  for (const step of restore) step();
  await Cache.close();
});

test("a process keeps at most 5,000 cache entries and evicts the oldest", async () => {
  for (let n = 0; n <= 5_000; n += 1) await Cache.set(`many:${n}`, String(n), 60);
  expect([await Cache.get("many:0"), await Cache.get("many:1"), await Cache.get("many:5000")]).toEqual([
    undefined,
    "1",
    "5000",
  ]);
});

const behaviour = () => {
  test("100 concurrent readers of a cache key cause one load", async () => {
    const { state, load } = source();
    const k = key();
    const answers = await Promise.all(Array.from({ length: 100 }, () => Cache.remember(k, policy, load)));
    expect([state.calls, new Set(answers)]).toEqual([1, new Set(["answer 1"])]);
  });

  test("an expired cache value is served stale while one load replaces it", async () => {
    const { state, load } = source();
    const k = key();
    await Cache.remember(k, policy, load);
    seconds = 59;
    expect(await Cache.remember(k, policy, load)).toBe("answer 1");
    seconds = 61;
    const gate = Promise.withResolvers<void>();
    state.answersAfter = gate.promise;
    const stale = await Promise.all([Cache.remember(k, policy, load), Cache.remember(k, policy, load)]);
    expect(stale).toEqual(["answer 1", "answer 1"]);
    gate.resolve();
    expect(
      await until(
        () => Cache.remember(k, policy, load),
        (value) => value === "answer 2",
      ),
    ).toBe("answer 2");
    expect(state.calls).toBe(2);
  });

  test("while the source fails, the cache serves its last value; for an unknown key it throws the source's error", async () => {
    const { state, load } = source();
    const k = key();
    state.fails = true;
    await expect(Cache.remember(k, policy, load)).rejects.toThrow("the source is away");
    state.fails = false;
    await Cache.remember(k, policy, load);
    state.fails = true;
    seconds = 300;
    expect(await Cache.remember(k, policy, load)).toBe("answer 2");
    expect(await Cache.remember(k, policy, load)).toBe("answer 2");
  });

  test("lists are cached by filter, in any order of its fields, until their namespace is invalidated", async () => {
    const { load } = source();
    const family = key();
    // If Redis is slow, nothing is cached for a while, so the test reads again.
    const [first, second] = await until(
      async () => [await Cache.list(family, { a: 1, b: 2 }, load), await Cache.list(family, { b: 2, a: 1 }, load)],
      ([one, other]) => one === other,
    );
    expect(second).toBe(first);
    expect(await Cache.list(family, { a: 1, b: 3 }, load)).not.toBe(first);
    await Cache.invalidate(family);
    expect(await Cache.list(family, { a: 1, b: 2 }, load)).not.toBe(first);
  });
};

describe("without Redis", () => {
  beforeEach(async () => Config.use({ DATABASE_URL: await freshDatabase() }));
  afterEach(() => Db.close());
  behaviour();

  test("an invalidation inside a transaction takes effect at the commit, and reads inside the transaction are not cached", async () => {
    const { load } = source();
    const family = key();
    const before = await Cache.list(family, {}, load);
    const asAnother = AsyncLocalStorage.snapshot();
    await Db.transaction(async () => {
      await Cache.invalidate(family);
      expect(await Cache.list(family, {}, load)).not.toBe(before);
      expect(await asAnother(() => Cache.list(family, {}, load))).toBe(before);
    });
    const after = await Cache.list(family, {}, load);
    expect(after).toBe("answer 3");
    await expect(
      Db.transaction(async () => {
        await Cache.invalidate(family);
        throw new Error("undone");
      }),
    ).rejects.toThrow("undone");
    expect(await Cache.list(family, {}, load)).toBe(after);
  });

  test("cache hits and misses are counted by namespace", async () => {
    Metrics.reset();
    await Cache.get("reputation:unknown");
    await Cache.set("reputation:somebody", "x", 60);
    await Cache.get("reputation:somebody");
    expect(Metrics.render()).toContain('cache_hits_total{cache="reputation"} 1');
    expect(Metrics.render()).toContain('cache_misses_total{cache="reputation"} 1');
  });
});

describe.skipIf(!hasRedis)("with Redis", () => {
  const redis = new OwnRedis();
  beforeEach(async () => {
    await redis.start();
    Config.use({ REDIS_URL: redis.url });
  });
  afterEach(() => redis.kill());
  afterAll(() => redis.remove());
  behaviour();

  test("killing Redis during 400 reads affects no reader, and the cache is used again after its restart", async () => {
    const { state, load } = source();
    const k = key();
    const answers: string[] = [];
    for (let read = 0; read < 400; read += 1) {
      if (read === 100) await redis.kill();
      answers.push(await Cache.remember(`${k}${read % 5}`, policy, load));
    }
    expect(answers).toHaveLength(400);
    await redis.start();
    await until(
      () => Cache.ping().catch(() => false),
      (answers) => answers,
    );
    expect(await Cache.remember(key(), policy, load)).toBe(`answer ${state.calls}`);
  });

  test("a frozen Redis delays one read by its timeout, and then no read for a second", async () => {
    const { load } = source();
    await Cache.remember(key(), policy, load);
    redis.freeze();
    const startedAt = performance.now();
    for (let read = 0; read < 200; read += 1) await Cache.remember(key(), policy, load);
    redis.thaw();
    // Every read has a new key, so it looks up and writes. With 100 ms for each timeout, 200 reads would take 40 s.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test("an invalidation while Redis is unavailable takes effect when Redis is back", async () => {
    const { load } = source();
    const family = key();
    const before = await Cache.list(family, {}, load);
    redis.freeze();
    await Cache.invalidate(family);
    expect(await Cache.list(family, {}, load)).not.toBe(before);
    redis.thaw();
    await until(
      () => Cache.ping().catch(() => false),
      (isBack) => isBack,
    );
    const after = await until(
      () => Cache.list(family, {}, load),
      (value) => value !== before,
    );
    expect(after).not.toBe(before);
  });
});
