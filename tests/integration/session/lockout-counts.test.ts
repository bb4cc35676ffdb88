// Tests the counts of failed logins directly on the database, without HTTP and hashing. `login-lockout.test.ts` tests them as a
// client.
import { tmpdir } from "node:os";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import postgres from "postgres";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { type Outgoing, Queue } from "@gotong/core/platform/queue/index.ts";
import { failed } from "@gotong/core/domain/session/failed.ts";
import { LockoutRules } from "@gotong/core/domain/session/lockout-rules.ts";
import { Lockout } from "@gotong/core/domain/session/lockout.ts";
import { freshDatabase } from "../../harness/database.ts";
import { SECRETS } from "../../harness/platform.ts";

const START = Date.parse("2026-05-01T10:07:00Z");
const ADDRESS = "203.0.113.7";
let sql: postgres.Sql;
let userId: string;
let email: string;
let seconds = 0;
let restore: (() => void)[] = [];
let users = 0;

beforeAll(async () => {
  const url = await freshDatabase();
  sql = postgres(url, { max: 1 });
  Config.use({ ...SECRETS, STAGE: "test", DATABASE_URL: url, MAIL_DIR: tmpdir() });
});
afterAll(async () => {
  await Db.close();
  await sql.end();
});
beforeEach(async () => {
  seconds = 0;
  restore = [Clock.set(() => new Date(START + seconds * 1000)), Log.to(() => undefined)];
  users += 1;
  email = `m${users}@example.org`;
  userId = crypto.randomUUID();
  await sql`insert into users ${sql({ id: userId, username: `m-${users}`, email, password_hash: "unused" })}`;
});
afterEach(async () => {
  for (const step of restore) step();
  await sql`delete from login_failures`;
});

const codeOf = async (work: Promise<unknown>) => {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.retryAfterSeconds === undefined ? error.code : `${error.code} ${error.retryAfterSeconds}`;
  }
};
const attempt = (address = ADDRESS, whose = email) => Lockout.begin(address, whose);
/**
 * Counts one wrong login.
 * @returns the limits that it reached, or the error
 */
const fail = async (address = ADDRESS, whose = email) => Lockout.countFailure(await attempt(address, whose));
const refusal = (address = ADDRESS, whose = email) => codeOf(attempt(address, whose));
async function failTimes(times: number, address = ADDRESS, whose = email): Promise<void> {
  for (let time = 0; time < times; time += 1) await fail(address, whose);
}
const rows = async () => Number((await sql`select count(*) from login_failures`)[0]?.["count"]);

describe("failed logins from one address on one account", () => {
  test("the fifth failed login from one address locks that address on the account for a minute, and the sixth for two minutes", async () => {
    await failTimes(4);
    expect(await refusal()).toBeUndefined();
    expect(await fail()).toEqual([{ kind: "pair", failures: 5, isForGood: false }]);
    expect(await refusal()).toBe("RATE_LIMITED 60");
    seconds += 59;
    expect(await refusal()).toBe("RATE_LIMITED 1");
    seconds += 1;
    expect(await refusal()).toBeUndefined();
    expect(await fail()).toEqual([]);
    expect(await refusal()).toBe("RATE_LIMITED 120");
    expect(await refusal("203.0.113.8")).toBeUndefined();
    expect(await refusal(ADDRESS, "other@example.org")).toBeUndefined();
  });

  test("failed logins from one address on one account count from zero again after 15 minutes without a failure", async () => {
    await failTimes(4);
    seconds += 900;
    await failTimes(4);
    expect(await refusal()).toBeUndefined();
    seconds += 899;
    await fail();
    expect(await refusal()).toBe("RATE_LIMITED 60");
  });

  test("failed logins from one address on one account still count for 15 minutes after a lock has expired", async () => {
    await failTimes(5);
    seconds += 60 + 899;
    expect(await fail()).toEqual([]);
    expect(await refusal()).toBe("RATE_LIMITED 120");
  });
});

describe("the lock of an account", () => {
  const from = (guess: number) => `198.51.${Math.floor(guess / 250)}.${1 + (guess % 250)}`;
  /** Guesses from a new address each time, as fast as the delays allow. */
  async function guess(times: number, first = 0) {
    const reached = [];
    for (let n = first; n < first + times; n += 1) {
      reached.push(...(await fail(from(n))));
      seconds += 901;
    }
    return reached;
  }

  test("the lock of an account delays logins from any address after ten failures, and is permanent after 80", async () => {
    expect(await guess(9)).toEqual([]);
    expect(await fail(from(9))).toEqual([{ kind: "account", failures: 10, isForGood: false }]);
    expect(await refusal(from(10))).toBe("RATE_LIMITED 1");
    seconds += 901;
    expect(await guess(69, 10)).toEqual([]);
    expect(await guess(1, 79)).toEqual([{ kind: "account", failures: 80, isForGood: true }]);
    seconds += 300 * 86_400;
    expect(await refusal(from(80))).toBe("ACCOUNT_LOCKED");
    expect(await refusal(from(80), "other@example.org")).toBeUndefined();
  });

  test("the lock of an account ends with a reset of the password, and so does the lock of its second factor", async () => {
    await guess(80);
    const code = [LockoutRules.codeCounter(email)];
    for (let time = 0; time < 5; time += 1) await Lockout.countFailure(code);
    expect(await codeOf(Lockout.assertUnlocked(code))).toBe("RATE_LIMITED 60");
    await Lockout.unlock(email);
    expect(await refusal(from(80))).toBeUndefined();
    expect(await codeOf(Lockout.assertUnlocked(code))).toBeUndefined();
  });

  test("the lock of an account by failures from unknown addresses applies neither to known addresses nor to open sessions", async () => {
    await Lockout.remember(ADDRESS, email, userId);
    await guess(80);
    expect(await refusal()).toBeUndefined();
    expect(await codeOf(Lockout.begin("203.0.113.9", email, true))).toBeUndefined();
    expect(await refusal("203.0.113.9")).toBe("ACCOUNT_LOCKED");
    await Lockout.forgetAddresses(userId);
    expect(await refusal()).toBe("ACCOUNT_LOCKED");
  });

  test("a known address is stored once, with its last use", async () => {
    await Lockout.remember(ADDRESS, email, userId);
    seconds += 60;
    await Lockout.remember(ADDRESS, email, userId);
    const known = await sql`select user_id, last_used_at from login_addresses where user_id = ${userId}`;
    expect(known).toEqual([{ user_id: userId, last_used_at: new Date(START + 60_000) }]);
  });
});

describe("a successful login", () => {
  test("a successful login resets its account's failures, its address's too, but not this address's failures on other accounts", async () => {
    await failTimes(4);
    await Lockout.resetFailures(await attempt(), email);
    expect(await rows()).toBe(1); // only the count of the address over all accounts is left
    await failTimes(4);
    expect(await refusal()).toBeUndefined();
  });

  test("a successful login from a known address does not reset the failures from unknown addresses", async () => {
    for (let n = 0; n < 9; n += 1) await fail(`198.51.100.${n + 1}`);
    await Lockout.remember(ADDRESS, email, userId);
    await fail();
    await Lockout.resetFailures(await attempt(), email);
    expect(await fail("198.51.100.77")).toEqual([{ kind: "account", failures: 10, isForGood: false }]);
  });

  test("a successful login from an unknown address also resets the failures from known addresses", async () => {
    await Lockout.remember(ADDRESS, email, userId);
    await failTimes(4);
    await Lockout.resetFailures(await attempt("198.51.100.77"), email);
    const [, known] = LockoutRules.accountKeys(email);
    expect(await sql`select 1 from login_failures where key = ${known}`).toHaveLength(0);
  });

  test("a successful second factor resets only the count of wrong codes", async () => {
    await fail();
    await Lockout.countFailure([LockoutRules.codeCounter(email)]);
    const before = await rows();
    await Lockout.resetCodeFailures(email);
    expect(await rows()).toBe(before - 1);
  });
});

test("concurrent failed logins that arrive after the lock are rejected and not counted", async () => {
  const counters = await attempt();
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => codeOf(Lockout.countFailure(counters))));
  expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(5);
  expect(outcomes.filter((outcome) => outcome === "RATE_LIMITED 60")).toHaveLength(15);
  const [pair] = counters;
  expect(await sql`select failures from login_failures where key = ${pair?.key ?? ""}`).toEqual([{ failures: 5 }]);
});

test("the response to a locked login states the longest of several locks, and each failed login deletes expired counts", async () => {
  await failTimes(6, ADDRESS).catch(() => undefined);
  seconds += 60;
  await fail();
  for (let n = 0; n < 6; n += 1) await fail(`198.51.100.${n + 1}`).catch(() => undefined);
  expect(await refusal()).toBe("RATE_LIMITED 120");
  const before = await rows();
  seconds += 2_000;
  await fail("192.0.2.1", "another@example.org");
  expect(await rows()).toBeLessThan(before);
  expect(await sql`select 1 from login_failures where forget_at < ${new Date(START + seconds * 1000)}`).toHaveLength(0);
});

describe("audit and mail of a login lock", () => {
  const sent: Outgoing[] = [];
  beforeEach(() => {
    sent.splice(0);
    const send = async (_queue: string, message: Outgoing) => void sent.push(message);
    Queue.use({ send, receive: async () => [], remove: async () => {}, hide: async () => {}, ping: async () => {} });
  });
  afterEach(() => Queue.use(undefined));
  const wrong = async (address: string, account?: { id: string }) =>
    Actor.run({ type: "public" }, crypto.randomUUID(), async () => failed(await attempt(address), email, account));
  const audited = () =>
    sql`select action, target_type, target_id, details from audit_log where target_id = ${userId} order by id`;

  test("each limit reached by failed logins is audited, and only a permanent lock is mailed", async () => {
    for (let n = 0; n < 5; n += 1) await wrong(ADDRESS, { id: userId });
    const entry = (details: object) => ({ action: "session.lockout", target_type: "user", target_id: userId, details });
    const first = [entry({ by: "pair", failures: 5, until_reset: false })];
    expect([await audited(), sent]).toEqual([first, []]);
    for (let n = 0; n < 75; n += 1) {
      seconds += 901;
      await wrong(`198.51.100.${n + 1}`, { id: userId });
    }
    expect(await audited()).toEqual([
      ...first,
      entry({ by: "account", failures: 10, until_reset: false }),
      entry({ by: "account", failures: 80, until_reset: true }),
    ]);
    expect(sent).toHaveLength(1);
  });

  test("the lock of an e-mail address without an account causes no audit entry, and queues a decoy mail", async () => {
    for (let n = 0; n < 80; n += 1) {
      seconds += 901;
      await wrong(`198.51.100.${n + 1}`);
    }
    expect([await audited(), sent.length]).toEqual([[], 1]);
  });
});
