import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { usePlatform } from "../../harness/platform.ts";
import { OwnRedis, hasRedis } from "../../harness/redis.ts";
import { until } from "../../harness/scenes.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const platform = usePlatform({ workers: false });
const redis = new OwnRedis();
beforeAll(async () => {
  if (hasRedis) await redis.start();
});
afterAll(() => redis.remove());

/** The log message by which each program reports that it works with Redis. */
const PROGRAMS = [
  ["the API", "packages/api/src/server.ts", "listening"],
  ["the workers", "packages/workers/src/pod.ts", undefined],
] as const;

test.skipIf(!hasRedis).each(PROGRAMS)(
  "%s with a Redis connection exits by itself after SIGTERM",
  async (_, file, sign) => {
    const child = spawn(process.execPath, [join(ROOT, file)], {
      env: { ...platform.variables, PORT: "0", WORKERS_PORT: "0", HOST: "127.0.0.1", REDIS_URL: redis.url },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    try {
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const port = sign === undefined ? undefined : await portOf(() => said);
      // A request and a poll open the connection to Redis, which must not keep the process running.
      if (port !== undefined) expect((await fetch(`http://127.0.0.1:${port}/v1/skills`)).status).toBe(401);
      await isConnected();
      child.kill("SIGTERM");
      expect(await exited).toEqual([0, null]);
    } finally {
      child.kill("SIGKILL");
      await exited;
    }
  },
);

async function portOf(said: () => string): Promise<number> {
  const find = () => /"port":(\d+)/.exec(said())?.[1];
  return Number(await until(find, (port) => port !== undefined));
}

/** Waits until a second client is connected to Redis. */
async function isConnected(): Promise<void> {
  const { Redis } = await import("ioredis");
  const probe = new Redis(redis.url);
  const clients = async () =>
    String(await probe.client("LIST"))
      .split("\n")
      .filter(Boolean).length;
  expect(await until(clients, (count) => count > 1)).toBeGreaterThan(1);
  probe.disconnect();
}
