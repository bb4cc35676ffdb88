import { type ErrorHandler, Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { addressBulkhead } from "./bulkhead.ts";
import { guard } from "./guard.ts";

const use = (settings: Readonly<Record<string, string>> = {}) =>
  Config.use({ DATABASE_URL: "postgres://unused/unused", ...settings });

const onError: ErrorHandler = (error, c) =>
  error instanceof AppError
    ? c.json({ detail: error.detail, after: error.retryAfterSeconds }, 429)
    : c.text("failed", 500);

/** A server whose requests run until the test finishes them. */
function server() {
  const running: (() => void)[] = [];
  const app = new Hono()
    .use(guard([addressBulkhead], onError))
    .onError(onError)
    .get("/v1/me", async (c) => {
      await new Promise<void>((finish) => running.push(finish));
      return c.text("done");
    })
    .get("/v1/failing", () => {
      throw new Error("failed");
    })
    .get("/live", (c) => c.text("live"));
  return {
    running,
    ask: async (address: string, path = "/v1/me") =>
      app.request(path, {}, { incoming: { socket: { remoteAddress: address } } }),
  };
}
const soon = () => new Promise((resolve) => setTimeout(resolve, 20));
const many = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

beforeEach(async () => {
  use();
  await server().ask("203.0.113.9", "/v1/failing"); // loads the lazy modules
});
afterEach(() => Config.use({}));

test.each([
  ["(a quarter of the pool) 4", { DATABASE_POOL_SIZE: "16" }, 4],
  ["(a quarter of the pool, rounded down) 3", { DATABASE_POOL_SIZE: "15" }, 3],
  ["(with a small pool) 2", { DATABASE_POOL_SIZE: "4" }, 2],
  ["(as set) 3", { DATABASE_POOL_SIZE: "16", REQUESTS_AT_ONCE_PER_ADDRESS: "3" }, 3],
] as const)(
  "at most %s requests of a client address run at a time, and the waiting requests run later",
  async (_what, settings, limit) => {
    use(settings);
    const { running, ask } = server();
    const address = `198.51.100.${Object.values(settings).join("")}`;
    const answers = many(limit + 2, () => ask(address));
    await soon();
    expect(running).toHaveLength(limit);
    const other = ask("203.0.113.2");
    await soon();
    expect(running).toHaveLength(limit + 1);
    for (let left = limit + 3; left > 0; left -= 1) {
      running.shift()?.();
      await soon();
    }
    expect((await Promise.all([...answers, other])).map(({ status }) => status)).toEqual(many(limit + 3, () => 200));
  },
);

test("a finished request frees its place while other requests of its client address still run", async () => {
  const { running, ask } = server();
  const answers = many(2, () => ask("203.0.113.3"));
  await soon();
  running.shift()?.();
  await soon();
  answers.push(ask("203.0.113.3"), ask("203.0.113.3"));
  await soon();
  expect(running).toHaveLength(2);
  for (let left = 3; left > 0; left -= 1) {
    running.shift()?.();
    await soon();
  }
  await Promise.all(answers);
});

test("a failed request frees its place in the bulkhead", async () => {
  const { ask } = server();
  const statuses = [];
  for (let sent = 0; sent < 5; sent += 1) statuses.push((await ask("203.0.113.4", "/v1/failing")).status);
  expect(statuses).toEqual([500, 500, 500, 500, 500]);
});

test("the bulkhead rejects a client address's 101st waiting request, but no health check and no request of another address", async () => {
  const { running, ask } = server();
  const answers = many(102, () => ask("203.0.113.5"));
  await soon();
  const refused = await ask("203.0.113.5");
  expect([refused.status, await refused.json()]).toEqual([
    429,
    { detail: "At most 2 concurrent requests per address, and too many are waiting. Try again.", after: 1 },
  ]);
  expect((await ask("203.0.113.5", "/live")).status).toBe(200);
  const other = ask("203.0.113.6");
  await soon();
  expect(running).toHaveLength(3);
  while (running.length > 0) {
    running.shift()?.();
    await new Promise(setImmediate);
  }
  await soon();
  while (running.length > 0) running.shift()?.();
  expect((await Promise.all([...answers, other])).every(({ status }) => status === 200)).toBe(true);
});
