import { randomBytes } from "node:crypto";
import { setDefaultCACertificates, getCACertificates } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Delivery } from "@gotong/core/webhook/index.ts";
import { Random } from "@gotong/core/platform/random.ts";
import { freePort } from "@gotong/local/ports.ts";
import { certificate } from "../../harness/certificate.ts";
import { type Behaviour, answer, drip, flood, startReceiver } from "./faulty-receiver.ts";

const CREATED = new Date("2027-03-01T06:00:00.000Z");
const HOURS_72 = 72 * 3600;
/** Timeout in place of 10 s: a receiver that hangs for a minute exceeds this one too. */
const SHORT_TIMEOUT_MS = "150";
const DAY_MS = 86_400_000;
/** Expected waits between attempts, in seconds and without jitter: doubled up to an hour, then an hour each. */
const BACKOFF = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600];
const SLOW = [60, 60, 60, 60, 60, 60, 64, 128, 256, 512, 1024, 2048, 3600, 3600];

let now = CREATED;
let restoreClock = () => undefined as void;
beforeEach(() => {
  now = CREATED;
  restoreClock = Clock.set(() => now);
  Random.use({ fraction: () => 0.5, hex: (digits) => randomBytes(digits / 2).toString("hex") });
});
afterEach(() => {
  restoreClock();
  Random.use(undefined);
});

interface Schedule {
  /** Waits between attempts, in seconds. */
  readonly waits: number[];
  /** Outcome of the last attempt. */
  readonly end: "delivered" | "dead" | "retrying";
  /** Status or error of each attempt, without repetitions. */
  readonly answers: (number | string | null)[];
}

/** Sends attempts to `url` with a virtual clock, until the event is final or `most` attempts were sent. */
async function attemptAll(url: string, most: number, timeoutMs = "10000"): Promise<Schedule> {
  Config.use({
    STAGE: "test",
    MARKOV_API_URL: url,
    GOTONG_ROYONG_WEBHOOK_SECRET: randomBytes(32).toString("hex"),
    MARKOV_TIMEOUT_MS: timeoutMs,
  });
  const message = {
    event_id: "evt_0123456789abcdef",
    subject: "contribution:1",
    sequence: 1,
    request_id: "r",
    created_at: CREATED.toISOString(),
    body: "{}",
  };
  const waits: number[] = [];
  const answers: (number | string | null)[] = [];
  for (let attempts = 1; ; attempts += 1) {
    const { outcome, retryInSeconds } = await Delivery.attempt(message, attempts);
    const said = outcome.status ?? outcome.error;
    if (said !== answers.at(-1)) answers.push(said);
    if (retryInSeconds !== undefined) waits.push(retryInSeconds);
    if (retryInSeconds === undefined || attempts === most) return { waits, end: outcome.result, answers };
    now = new Date(now.getTime() + retryInSeconds * 1000);
  }
}

async function against(behaviour: Behaviour, most = 15, timeoutMs?: string) {
  const receiver = await startReceiver(behaviour);
  try {
    const schedule = await attemptAll(receiver.url, most, timeoutMs);
    return { ...schedule, requests: receiver.requests };
  } finally {
    await receiver.stop();
  }
}

test("a receiver that refuses connections is retried with exponential backoff", async () => {
  expect(await attemptAll(`http://127.0.0.1:${await freePort()}`, 14)).toEqual({
    waits: BACKOFF,
    end: "retrying",
    answers: ["ECONNREFUSED"],
  });
});

test.each<[string, Behaviour, string]>([
  ["resets the connection", (response) => void response.socket?.resetAndDestroy(), "ECONNRESET"],
  ["hangs for a minute", () => undefined, "timeout"],
  ["sends its answer a byte at a time (slow loris)", drip, "timeout"],
])("a receiver that %s is retried with exponential backoff", async (_what, behaviour, error) => {
  expect(await against(behaviour, 14, SHORT_TIMEOUT_MS)).toMatchObject({
    waits: BACKOFF,
    end: "retrying",
    answers: [error],
  });
});

test.each<[string, Behaviour, number]>([
  ["responds after a second", (response) => void setTimeout(() => answer(200)(response), 1_000), 200],
  ["answers 200 without a body", answer(200), 200],
  ["answers 200 with a page of HTML", answer(200, { "content-type": "text/html" }, "<h1>It works!</h1>"), 200],
  ["answers 202", answer(202), 202],
])("an event is delivered at the first attempt to a receiver that %s", async (_what, behaviour, status) => {
  const { waits, end, answers, requests } = await against(behaviour);
  expect({ waits, end, answers }).toEqual({ waits: [], end: "delivered", answers: [status] });
  expect(requests).toEqual(["POST /v1/platforms/gotong_royong/webhook"]);
});

test.each([400, 413, 422])("an event is dead-lettered at once when the receiver answers %i", async (status) => {
  expect(await against(answer(status))).toMatchObject({ waits: [], end: "dead", answers: [status] });
});

test.each([408, 409, 410, 500, 503])(
  "a receiver that answers %i is retried with exponential backoff",
  async (status) => {
    expect(await against(answer(status), 14)).toMatchObject({ waits: BACKOFF, end: "retrying", answers: [status] });
  },
);

test("a redirect from the receiver is not followed, and 301 counts as a failure", async () => {
  const trap = await startReceiver(answer(200));
  const redirect = answer(301, { location: `${trap.url}/elsewhere` });
  expect(await against(redirect, 14)).toMatchObject({ waits: BACKOFF, end: "retrying", answers: [301] });
  await trap.stop();
  expect(trap.requests).toEqual([]);
});

test.each([401, 403, 404])(
  "a receiver that answers %i, as for a wrong secret or URL, is retried a minute apart at first, and the event is not dead-lettered",
  async (status) => {
    expect(await against(answer(status), 14)).toMatchObject({ waits: SLOW, end: "retrying", answers: [status] });
  },
);

test("a receiver that answers 401 for ten minutes gets the event at the first attempt after that", async () => {
  const until = CREATED.getTime() + 600_000;
  const schedule = await against((response) => answer(now.getTime() < until ? 401 : 200)(response));
  // The receiver rejects the attempts at 0, 60, …, 360, 424 and 552 s, and accepts the attempt at 808 s.
  expect(schedule).toMatchObject({ waits: SLOW.slice(0, 9), end: "delivered", answers: [401, 200] });
});

test.each<[string, Record<string, string>, number[]]>([
  ["no Retry-After: the doubling backoff", {}, BACKOFF],
  ["Retry-After in seconds: at least that time", { "retry-after": "30" }, [30, 30, 30, 30, 30, ...BACKOFF.slice(5)]],
  ["Retry-After beyond an hour: an hour", { "retry-after": "86400" }, BACKOFF.map(() => 3600)],
  ["an invalid Retry-After: the doubling backoff", { "retry-after": "soon" }, BACKOFF],
])("after a 429 the retry waits for the right time, with %s", async (_what, headers, waits) => {
  expect(await against(answer(429, headers), 14)).toMatchObject({ waits, end: "retrying", answers: [429] });
});

test("after a 429 with Retry-After as a date, the event is not retried before that date", async () => {
  const date = new Date(CREATED.getTime() + 90_000);
  const schedule = await against(answer(429, { "retry-after": date.toUTCString() }), 4);
  expect(schedule.waits).toEqual([90, 2, 4, 8]); // the waits after the first four attempts
});

test("a receiver with an expired certificate is retried with exponential backoff and gets no request", async () => {
  const [today, trusted] = [Date.now(), getCACertificates("default")];
  const expired = certificate(new Date(today - 2 * DAY_MS), new Date(today - DAY_MS));
  const valid = certificate(new Date(today - DAY_MS), new Date(today + DAY_MS));
  setDefaultCACertificates([...trusted, expired.cert, valid.cert]);
  const old = await startReceiver(answer(200), expired);
  const renewed = await startReceiver(answer(200), valid);
  try {
    expect(await attemptAll(old.url, 14)).toEqual({ waits: BACKOFF, end: "retrying", answers: ["CERT_HAS_EXPIRED"] });
    expect(old.requests).toEqual([]);
    now = CREATED;
    expect(await attemptAll(renewed.url, 14)).toEqual({ waits: [], end: "delivered", answers: [200] });
  } finally {
    setDefaultCACertificates(trusted);
    await old.stop();
    await renewed.stop();
  }
});

test("an event that fails for three days is dead-lettered at the first attempt after 72 hours, and not before", async () => {
  const { waits, end } = await against(answer(503), 1_000);
  expect(end).toBe("dead");
  const total = waits.reduce((sum, wait) => sum + wait, 0);
  expect(total).toBeGreaterThan(HOURS_72);
  expect(total - (waits.at(-1) ?? 0)).toBeLessThanOrEqual(HOURS_72);
  // Twelve waits that double, from 1 s to 2,048 s (4,095 s in all), then waits of an hour.
  expect(waits).toEqual([...BACKOFF.slice(0, 12), ...Array.from({ length: 71 }, () => 3600)]);
});

test("jitter changes a retry wait beyond eight seconds by up to a fifth, and does not change the first four waits", async () => {
  Random.use({ fraction: () => 0, hex: (digits) => "0".repeat(digits) });
  expect((await against(answer(503), 7)).waits).toEqual([1, 2, 4, 8, 13, 26, 51]);
  now = CREATED;
  Random.use({ fraction: () => 0.999_999, hex: (digits) => "0".repeat(digits) });
  expect((await against(answer(503), 7)).waits).toEqual([1, 2, 4, 8, 19, 38, 77]);
});

test("at most 64 KiB of a receiver's endless response are read, and its status counts", async () => {
  const receiver = await startReceiver(flood);
  try {
    expect(await attemptAll(receiver.url, 1)).toMatchObject({ end: "delivered", answers: [200] });
    const [bytes = 0] = receiver.written();
    expect(bytes).toBeGreaterThan(64 * 1024);
    expect(bytes).toBeLessThan(8 * 1024 * 1024); // allows for full network buffers at both ends
  } finally {
    await receiver.stop();
  }
});

test("consecutive attempts to one receiver share one connection", async () => {
  const receiver = await startReceiver(answer(503));
  try {
    expect((await attemptAll(receiver.url, 10)).answers).toEqual([503]);
    expect(receiver.requests).toHaveLength(10);
    expect(receiver.written()).toHaveLength(1);
  } finally {
    await receiver.stop();
  }
});
