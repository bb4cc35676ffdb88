import { afterEach, beforeEach, expect, test } from "vitest";
import { Hashing } from "@gotong/core/domain/password/hashing.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Limit } from "@gotong/core/platform/limit/index.ts";
import { usePlatform } from "../../harness/platform.ts";
import { OwnRedis, hasRedis } from "../../harness/redis.ts";

const platform = usePlatform({ workers: false });
const use = (variables: Record<string, string>) => Config.use({ ...platform.variables, ...variables });

beforeEach(() => Limit.forget());
afterEach(() => use({}));

const limited = async (path: string, headers: Record<string, string> = {}) =>
  platform.request("GET", path, { headers });

test("requests are limited per client address and minute; further requests get 429 with Retry-After; health checks are exempt", async () => {
  use({ RATE_LIMIT_PER_MINUTE: "3" });
  const answers = [];
  for (let sent = 0; sent < 5; sent += 1) answers.push(await limited("/v1/me"));
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 429, 429]);
  expect(answers[0]?.headers.get("ratelimit-policy")).toBe('"address";q=3;w=60');
  expect(answers.map(({ headers }) => headers.get("ratelimit")?.replace(/\d+$/, ""))).toEqual(
    [2, 1, 0, 0, 0].map((left) => `"address";r=${left};t=`),
  );
  for (const { headers } of answers) expect(Number(headers.get("ratelimit")?.match(/\d+$/)?.[0])).toBeGreaterThan(50);
  const last = answers[4];
  expect(last?.json["code"]).toBe("RATE_LIMITED");
  expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(50);
  expect(Number(last?.headers.get("retry-after"))).toBeLessThanOrEqual(60);
  for (const path of ["/live", "/metrics"]) expect((await limited(path)).status, path).toBe(200);
});

test("only the trusted header sets the client address: a forged X-Forwarded-For neither avoids a rate limit nor affects others", async () => {
  use({ RATE_LIMIT_PER_MINUTE: "1" });
  expect((await limited("/v1/me", { "x-forwarded-for": "203.0.113.1" })).status).toBe(401);
  expect((await limited("/v1/me", { "x-forwarded-for": "203.0.113.2" })).status).toBe(429);
  use({ RATE_LIMIT_PER_MINUTE: "1", CLIENT_ADDRESS_HEADER: "CloudFront-Viewer-Address" });
  const viewer = (address: string) => limited("/v1/me", { "cloudfront-viewer-address": address });
  expect((await viewer("203.0.113.1:1024")).status).toBe(401);
  expect((await viewer("203.0.113.2:1024")).status).toBe(401);
  expect((await viewer("203.0.113.1:9999")).status).toBe(429);
  expect((await viewer("2001:db8:0:1::5:443")).status).toBe(401);
  expect((await viewer("2001:db8:0:1:ffff::6:443")).status).toBe(429);
  use({ RATE_LIMIT_PER_MINUTE: "1", CLIENT_ADDRESS_HEADER: "x-forwarded-for" });
  expect((await limited("/v1/me", { "x-forwarded-for": "1.1.1.1, 198.51.100.7" })).status).toBe(401);
  expect((await limited("/v1/me", { "x-forwarded-for": "2.2.2.2, 198.51.100.7" })).status).toBe(429);
});

test("password hashes are queued by the /48 of the client address: a full queue of one /48 delays no other network", async () => {
  const [site, other] = ["2001:db8:1:ffff::1", "2001:db8:2::1"];
  use({ HASHING_CONCURRENCY: "1", HASHING_QUEUE_PER_ADDRESS: "1", CLIENT_ADDRESS_HEADER: "CloudFront-Viewer-Address" });
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  // Two hashes of the /48: the first is computed, and the second takes the only place of the /48 in the queue.
  const busy = [1, 2].map(() => Hashing.forSource("2001:db8:1::/48", () => Hashing.run(() => ended)));
  const login = (address: string) =>
    platform.request("POST", "/v1/auth/login", {
      headers: { "cloudfront-viewer-address": `${address}:443` },
      body: { email: "stranger@example.org", password: "a password of no one" },
    });
  try {
    expect((await login(site)).status).toBe(503);
    const answer = login(other);
    end();
    expect((await answer).status).toBe(401);
  } finally {
    end();
    await Promise.all(busy);
  }
});

test.skipIf(!hasRedis)(
  "processes with a shared Redis share a rate limit; while Redis is killed or frozen, requests are still answered",
  async () => {
    const redis = new OwnRedis();
    await redis.start();
    try {
      use({ RATE_LIMIT_PER_MINUTE: "2", REDIS_URL: redis.url });
      expect([(await limited("/v1/me")).status, (await limited("/v1/me")).status]).toEqual([401, 401]);
      Limit.forget(); // simulates another process
      expect((await limited("/v1/me")).status).toBe(429);
      use({ RATE_LIMIT_PER_MINUTE: "1000", REDIS_URL: redis.url });
      const statuses: number[] = [];
      for (let sent = 0; sent < 200; sent += 1) {
        if (sent === 50) redis.freeze();
        if (sent === 120) await redis.kill();
        statuses.push((await limited("/v1/me")).status);
      }
      expect(new Set(statuses)).toEqual(new Set([401]));
    } finally {
      await redis.remove();
    }
  },
);
