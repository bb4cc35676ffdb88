// Tests requests for a password reset directly on the database. `password-reset.test.ts` uses the tokens.
import { tmpdir } from "node:os";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { type Outgoing, Queue } from "@gotong/core/platform/queue/index.ts";
import { PasswordReset } from "@gotong/core/domain/session/reset.ts";
import { freshDatabase } from "../../harness/database.ts";
import { SECRETS } from "../../harness/platform.ts";

const START = Date.parse("2026-05-01T10:00:00Z");
let sql: postgres.Sql;
let seconds = 0;
let restore: (() => void)[] = [];
let email = "";
let userId = "";
let made = 0;
const lines: string[] = [];
const sent: Outgoing[] = [];

beforeAll(async () => {
  const url = await freshDatabase();
  sql = postgres(url, { max: 1 });
  Config.use({ ...SECRETS, STAGE: "test", DATABASE_URL: url, MAIL_DIR: tmpdir(), PASSWORD_RESET_MINUTES: "60" });
});
afterAll(async () => {
  await Db.close();
  await sql.end();
});
beforeEach(async () => {
  seconds = 0;
  made += 1;
  sent.splice(0);
  lines.splice(0);
  restore = [Clock.set(() => new Date(START + seconds * 1000)), Log.to((line) => void lines.push(line))];
  const send = async (_queue: string, message: Outgoing) => void sent.push(message);
  Queue.use({ send, receive: async () => [], remove: async () => {}, hide: async () => {}, ping: async () => {} });
  email = `m${made}@example.org`;
  userId = crypto.randomUUID();
  await sql`delete from password_resets`;
  await sql`insert into users ${sql({ id: userId, username: `m-${made}`, email, password_hash: "unused" })}`;
});
afterEach(() => {
  for (const step of restore) step();
  Queue.use(undefined);
});

const asPublic = <T>(work: () => Promise<T>) => Actor.run({ type: "public" }, crypto.randomUUID(), work);
const request = (to = email) => asPublic(() => PasswordReset.request({ email: to }));
const rows = () => sql`select user_id, created_at, expires_at, used_at from password_resets order by created_at`;

test("an e-mail address gets three reset tokens an hour, each valid for the same time, whether it has an account or not", async () => {
  for (const [address, owner] of [
    [email, userId],
    ["stranger@example.org", null],
  ] as const) {
    await sql`delete from password_resets`;
    for (let time = 0; time < 5; time += 1) await request(address);
    const row = { user_id: owner, created_at: new Date(START), expires_at: new Date(START + 3_600_000), used_at: null };
    expect(await rows()).toEqual([row, row, row]);
  }
  expect(sent).toHaveLength(6);
});

test("an hour after the first reset token, the e-mail address gets a further one; other addresses are not affected", async () => {
  for (let time = 0; time < 3; time += 1) {
    await request();
    seconds += 600;
  }
  seconds = 3_599;
  await request();
  expect(await rows()).toHaveLength(3);
  await request("another@example.org");
  expect(await rows()).toHaveLength(4);
  seconds = 3_600;
  await request();
  expect(await rows()).toHaveLength(5);
});

test("only three of twenty concurrent reset requests for an e-mail address send a token", async () => {
  await Promise.all(Array.from({ length: 20 }, () => request()));
  expect(await rows()).toHaveLength(3);
});

test("each reset request removes five rows that expired more than 24 hours ago", async () => {
  for (let n = 0; n < 7; n += 1) await request(`old${n}@example.org`);
  seconds = 3_600 + 86_400;
  await request();
  expect(await rows()).toHaveLength(8);
  seconds += 1;
  await request();
  expect(await rows()).toHaveLength(8 - 5 + 1);
  await request();
  expect(await rows()).toHaveLength(4 - 2 + 1);
});

test("a mail about a locked account counts towards the limit of reset mails, and a failure to send it is only logged", async () => {
  const lock = () => asPublic(() => PasswordReset.mailLocked(email));
  for (let time = 0; time < 3; time += 1) await lock();
  await request();
  expect([(await rows()).length, sent.length]).toEqual([3, 3]);
  seconds = 7_200;
  await sql`alter table password_resets rename to away`;
  try {
    await lock(); // a mail that fails must not fail the login that caused it
    await expect(request()).rejects.toThrow();
  } finally {
    await sql`alter table away rename to password_resets`;
  }
  expect(lines.join("\n")).toContain("a lockout could not be mailed");
});
