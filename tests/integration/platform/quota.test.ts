import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { Quota } from "@gotong/core/platform/limit/quota.ts";
import { freshDatabase } from "../../harness/database.ts";
import { SECRETS } from "../../harness/platform.ts";

const START = Date.parse("2026-05-01T10:00:00Z");
const DAY = 86_400;
const QUOTA = { name: "test", limit: 3, windowSeconds: DAY, detail: "At most three a day." };
let sql: postgres.Sql;
let seconds = 0;
let back: () => void;

beforeAll(async () => {
  const url = await freshDatabase();
  sql = postgres(url, { max: 1 });
  Config.use({ ...SECRETS, STAGE: "test", DATABASE_URL: url });
});
afterAll(async () => {
  await Db.close();
  await sql.end();
});
beforeEach(async () => {
  seconds = 0;
  back = Clock.set(() => new Date(START + seconds * 1000));
  await sql`delete from quotas`;
});
afterEach(() => back());

/**
 * The code, the seconds until a retry, and the detail of the error with which the quota rejects `work`; undefined if it
 * is allowed.
 */
async function refusal(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return `${error.code} ${error.retryAfterSeconds}: ${error.detail}`;
  }
}
const take = (key = "a", quota = QUOTA) => refusal(Quota.take(quota, key));
const left = (key = "a", quota = QUOTA) => refusal(Quota.assertLeft(quota, key));

test("a quota counts the uses of a key within a window that begins with the first use", async () => {
  for (let time = 0; time < 3; time += 1) {
    expect([await left(), await take()]).toEqual([undefined, undefined]);
    seconds += 10;
  }
  const refused = `RATE_LIMITED ${DAY - 30}: At most three a day.`;
  expect([await left(), await take()]).toEqual([refused, refused]);
  seconds = DAY - 1;
  expect(await left()).toBe("RATE_LIMITED 1: At most three a day.");
  seconds = DAY;
  expect([await left(), await take(), await take(), await take(), await take()]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    `RATE_LIMITED ${DAY}: At most three a day.`,
  ]);
});

test("uses are counted separately for each key and each quota, and keys are stored only as hashes", async () => {
  for (let time = 0; time < 3; time += 1) await take();
  expect([await left("b"), await left("a", { ...QUOTA, name: "other" })]).toEqual([undefined, undefined]);
  await take("b");
  const keys = (await sql`select key from quotas`).map((row) => String(row["key"]));
  expect(keys).toHaveLength(2);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
});

test("a rejected use of a quota, or a use whose transaction fails, uses nothing", async () => {
  for (let time = 0; time < 5; time += 1) await take();
  await Db.transaction(async () => {
    await Quota.take(QUOTA, "b");
    throw new Error("rolled back");
  }).catch(() => undefined);
  expect(await sql`select used from quotas`).toEqual([{ used: 3 }]);
});

test("exactly as many of twenty concurrent uses succeed as the quota allows", async () => {
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => take()));
  expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(3);
});

test("each use of a quota removes up to five rows whose window has expired", async () => {
  for (let n = 0; n < 7; n += 1) await take(`old ${n}`);
  seconds = DAY - 1;
  expect(await Quota.removeExpired(Clock.now())).toBe(0);
  seconds = DAY;
  await take();
  expect(await sql`select 1 from quotas`).toHaveLength(7 - 5 + 1);
  expect(await Quota.removeExpired(Clock.now(), 1)).toBe(1);
});
