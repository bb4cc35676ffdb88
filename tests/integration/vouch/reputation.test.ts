import { createServer } from "node:http";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Http } from "@gotong/core/platform/http-client/index.ts";
import { Reputation } from "@gotong/core/domain/reputation/index.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
const STANDING = { reputation_score: 40, tier: "silver", contributions_count: 1, vouches_received: 0, skills: [] };

/** The status with which Markov responds to reads. With `silent` it does not respond until `letGo` is called. */
let answer: number | "silent" = 200;
let asked = 0;
const openResponses = new Set<() => void>();
const letGo = () => {
  for (const end of openResponses) end();
};
const markov = createServer((_request, response) => {
  asked += 1;
  if (answer === "silent") {
    openResponses.add(() => response.destroy());
    return;
  }
  response.writeHead(answer, { "content-type": "application/json" }).end(JSON.stringify(STANDING));
});

let late = 0;
let restoreClock: () => void;
beforeAll(async () => {
  await once(markov.listen(0, "127.0.0.1"), "listening");
});
beforeEach(async () => {
  const address = markov.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  Config.use({ ...platform.variables, MARKOV_API_URL: `http://127.0.0.1:${port}` });
  Reputation.reset();
  await Cache.close();
  [answer, asked, late] = [200, 0, 0];
  restoreClock = Clock.set(() => new Date(Date.now() + late));
});
afterEach(() => {
  restoreClock();
  Config.use(platform.variables);
});
afterAll(() => {
  letGo();
  markov.close();
});

const people = async (count: number): Promise<Person[]> => {
  const made: Person[] = [];
  for (let n = 0; n < count; n += 1) made.push(await platform.person());
  return made;
};

test("a reputation that could not be read is not requested again for a while, and the last value is returned at once", async () => {
  const [reader, known, unknown] = await people(3);
  await Reputation.get(known?.id ?? "");
  late = 301_000;
  answer = 500;
  for (let tries = 0; tries < 5; tries += 1) {
    const stale = await reader?.get(`/v1/users/${known?.id}/reputation`);
    expect(stale?.json).toMatchObject({ stale: true, reputation: { reputation_score: 40 } });
    expect(await Reputation.get(unknown?.id ?? "")).toMatchObject({
      stale: false,
      reputation: null,
      age_seconds: null,
    });
  }
  expect(asked).toBe(3);
  late += 10_001;
  answer = 200;
  expect(await Reputation.get(known?.id ?? "")).toMatchObject({ stale: false, age_seconds: 0 });
});

test("after five consecutive failures reads from Markov stop, and the success of a single probe resumes them", async () => {
  const members = await people(9);
  const ids = members.map(({ id }) => id);
  answer = 503;
  for (const id of ids.slice(0, 5)) await Reputation.get(id);
  expect(asked).toBe(5);
  const [sixth = "", seventh = "", eighth = "", ninth = ""] = ids.slice(5);
  answer = 200;
  expect(await Reputation.get(sixth)).toMatchObject({ reputation: null });
  expect(asked).toBe(5);
  late += 10_001;
  answer = 503;
  await Promise.all([Reputation.get(sixth), Reputation.get(seventh), Reputation.get(eighth)]);
  expect(asked).toBe(6); // the probe was sent and failed
  await Reputation.get(ninth);
  expect(asked).toBe(6);
  late += 10_001;
  answer = 200;
  expect(await Reputation.get(ninth)).toMatchObject({ reputation: { reputation_score: 40 } });
  await Promise.all([Reputation.get(seventh), Reputation.get(eighth)]);
  expect(asked).toBe(9);
});

test("only ten of forty concurrent reads wait for a silent Markov, and the others do not wait", async () => {
  const members = await people(40);
  answer = "silent";
  const [reader] = members;
  const order: string[] = [];
  const reads = members.map(async ({ id }) => {
    order.push((await Reputation.get(id)).reputation === null ? "null" : "value");
  });
  await Promise.all(reads);
  expect(order).toEqual(members.map(() => "null"));
  expect(asked).toBe(10);
  const again = await Promise.all(members.map(async ({ id }) => reader?.get(`/v1/users/${id}/reputation`)));
  expect(again.map((one) => one?.status)).toEqual(members.map(() => 200));
  expect(asked).toBe(10); // no further request: the circuit breaker is open
});

test("a vouch that needs a reputation is rejected as retryable at once while the circuit breaker is open", async () => {
  const [voucher, vouchee, ...others] = await people(7);
  Config.use({ ...platform.variables, VOUCH_MINIMUM_REPUTATION: "10", MARKOV_API_URL: "http://127.0.0.1:1" });
  for (const { id } of others) await Reputation.get(id);
  const sent: string[] = [];
  Http.use(async ({ url }) => {
    sent.push(url.pathname);
    throw new Error("timeout");
  });
  try {
    const refused = await voucher?.post("/v1/vouches", { vouchee_id: vouchee?.id }, { "idempotency-key": "v" });
    expect(refused && problem(refused)).toBe("503 UNAVAILABLE");
    expect(sent).toEqual([]);
  } finally {
    Http.use(undefined);
  }
});
