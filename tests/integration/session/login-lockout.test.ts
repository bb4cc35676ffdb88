import { beforeEach, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Retention } from "@gotong/core/domain/retention.ts";
import { deliverMail, mailsTo as mailsIn, useMailDirectory } from "../../harness/mail.ts";
import { type Answer, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
const { directory: mails, configure: use } = useMailDirectory(platform);
beforeEach(() => use());

const login = (email: string, password: string, address: string) =>
  platform.request("POST", "/v1/auth/login", { body: { email, password }, address });
const fail = (email: string, address: string) => login(email, "not this phrase", address);
const mailsTo = async (email: string) => {
  await deliverMail();
  return mailsIn(mails, email);
};

let clockSeconds = 0;
/** Runs `work` with the clock set the given number of seconds after the previous call. */
async function later<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  clockSeconds += seconds;
  const back = Clock.set(() => new Date(Date.now() + clockSeconds * 1000));
  try {
    return await work();
  } finally {
    back();
  }
}

/**
 * Guesses as fast as the delays allow, each time from another address.
 * @returns the number of guesses whose password was checked
 */
async function guessSlowly(email: string, guesses: number): Promise<number> {
  let checked = 0;
  for (let guess = 0; guess < guesses; guess += 1) {
    const address = `198.51.${100 + Math.floor(checked / 4)}.${1 + (checked % 250)}`;
    const answer = await later(901, () => fail(email, address));
    if (answer.status === 401) checked += 1;
  }
  return checked;
}

test("at least 60 of 160 guesses on one account from 40 addresses are rejected, whether the account exists or not", async () => {
  const member = await platform.person();
  for (const email of [member.email, "not.registered@example.org"]) {
    const statuses: number[] = [];
    for (let guess = 0; guess < 160; guess += 1) statuses.push((await fail(email, `192.0.2.${guess % 40}`)).status);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(20);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(60);
  }
});

test("an attacker who waits for every login delay gets 80 guesses, and then the lockout mail offers a reset", async () => {
  const member = await platform.person();
  expect(await guessSlowly(member.email, 90)).toBe(80);
  const locked = await later(86_400, () => login(member.email, member.password, "192.0.2.77"));
  expect(problem(locked)).toBe("403 ACCOUNT_LOCKED");
  const mail = await mailsTo(member.email);
  expect(mail).toHaveLength(1);
  expect(mail[0]).toContain("Your account is locked");
  // The member's existing session stays open.
  expect((await member.get("/v1/me")).status).toBe(200);

  await platform.request("POST", "/v1/auth/password-resets", { body: { email: member.email } });
  const token = /Token: (\S+)/.exec((await mailsTo(member.email)).at(-1) ?? "")?.[1];
  const body = { token, password: "an entirely new phrase" };
  expect((await platform.request("POST", "/v1/auth/password-resets/confirm", { body })).status).toBe(204);
  expect((await login(member.email, body.password, "192.0.2.77")).status).toBe(200);

  const audited =
    await platform.sql`select details from audit_log where action = 'session.lockout' and target_id = ${member.id}`;
  expect(audited.map((row) => row["details"])).toContainEqual({ by: "account", failures: 80, until_reset: true });
  // There is one entry for each lock, not for each guess.
  expect(audited.length).toBeLessThanOrEqual(3);
  const logs = platform.logs.join("\n");
  expect(logs).toContain('"logins locked"');
  for (const secret of [member.email, "192.0.2.77", "not this phrase"]) expect(logs).not.toContain(secret);
}, 120_000);

test("an unknown account is locked after as many failed logins as an existing one, with the same response", async () => {
  use({ LOGIN_FAILURES_PER_ACCOUNT: "20" });
  expect(await guessSlowly("never.registered@example.org", 20)).toBe(16);
  const locked = await later(86_400, () => fail("never.registered@example.org", "192.0.2.78"));
  expect(problem(locked)).toBe("403 ACCOUNT_LOCKED");
  expect(await mailsTo("never.registered@example.org")).toEqual([]);
}, 120_000);

test("failures from unknown addresses do not lock known addresses, for which a fifth of the account's failures is reserved", async () => {
  use({ LOGIN_FAILURES_PER_ACCOUNT: "40" });
  const member = await platform.person();
  const [home, away] = ["203.0.113.7", "203.0.113.8"];
  expect((await login(member.email, member.password, home)).status).toBe(200);
  expect(await guessSlowly(member.email, 34)).toBe(32);
  expect(problem(await later(0, () => login(member.email, member.password, away)))).toBe("403 ACCOUNT_LOCKED");
  const atHome = await later(0, () => login(member.email, member.password, home));
  expect(atHome.status).toBe(200);
  let checked = 0;
  for (let guess = 0; guess < 12; guess += 1)
    if ((await later(1801, () => fail(member.email, home))).status === 401) checked += 1;
  expect(checked).toBe(8);
  expect(problem(await later(0, () => login(member.email, member.password, home)))).toBe("403 ACCOUNT_LOCKED");
}, 120_000);

test("an address stops being known after 90 days without a login, or after a password reset", async () => {
  const member = await platform.person();
  await login(member.email, member.password, "203.0.113.9");
  // One address is from the registration, the other from this login.
  expect(await platform.sql`select 1 from login_addresses where user_id = ${member.id}`).toHaveLength(2);
  await platform.sql`update login_addresses set last_used_at = now() - interval '91 days' where user_id = ${member.id}`;
  expect(await Retention.removeExpired()).toMatchObject({ login_addresses: 2 });
  await login(member.email, member.password, "203.0.113.9");
  expect((await member.send("DELETE", "/v1/me", { password: member.password })).status).toBe(204);
  expect(await platform.sql`select 1 from login_addresses where user_id = ${member.id}`).toHaveLength(0);
});

test("a successful login resets the failed logins of its account, but not those of its network address on other accounts", async () => {
  use({ LOGIN_FAILURES_PER_ADDRESS: "8" });
  const [member, other] = [await platform.person(), await platform.person()];
  const address = "203.0.113.20";
  for (let guess = 0; guess < 4; guess += 1) await fail(member.email, address);
  expect((await login(member.email, member.password, address)).status).toBe(200);
  const [row] = await platform.sql`select count(*)::int as counts from login_failures where failures = 4`;
  expect(row).toEqual({ counts: 1 }); // only the count of the address over all accounts is left
  for (let guess = 0; guess < 4; guess += 1) await fail(other.email, address);
  expect(problem(await login(other.email, other.password, address))).toBe("429 RATE_LIMITED");
});

test("a login from a known address keeps the count of unknown addresses' failures; a login from elsewhere resets all counts", async () => {
  const member = await platform.person();
  expect((await login(member.email, member.password, "203.0.113.40")).status).toBe(200);
  const counts = async () => platform.sql`select failures from login_failures where failures = 3`;
  for (const last of [41, 42, 43]) await fail(member.email, `203.0.113.${last}`);
  expect(await counts()).toHaveLength(1); // the count of unknown addresses on the account
  expect((await login(member.email, member.password, "203.0.113.40")).status).toBe(200);
  expect(await counts()).toHaveLength(1);
  expect((await login(member.email, member.password, "203.0.113.44")).status).toBe(200);
  expect(await counts()).toHaveLength(0);
});

test("one password tried on many accounts from one address is rejected after 50 failures, for a quarter of an hour", async () => {
  use({ LOGIN_FAILURES_PER_ADDRESS: "50" });
  const [member, neighbour] = [await platform.person(), await platform.person()];
  const address = "203.0.113.30";
  expect((await login(neighbour.email, neighbour.password, address)).status).toBe(200);
  const statuses: number[] = [];
  for (let guess = 0; guess < 60; guess += 1)
    statuses.push((await fail(`sprayed-${guess}@example.org`, address)).status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(50);
  expect(statuses.slice(50)).toEqual(Array(10).fill(429));
  const refused = await login(member.email, member.password, address);
  expect(problem(refused)).toBe("429 RATE_LIMITED");
  expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(900);
  // Failures of neighbours behind a known address do not lock its member.
  expect((await login(neighbour.email, neighbour.password, address)).status).toBe(200);
  expect((await login(member.email, member.password, "203.0.113.31")).status).toBe(200);
  expect((await later(901, () => login(member.email, member.password, address))).status).toBe(200);
}, 60_000);

test("failed logins from IPv6 share a count by /56 and /48, with twice and four times the limit of a /64", async () => {
  use({ LOGIN_FAILURES_PER_ADDRESS: "3" });
  const refusedAfter = async (addressOf: (guess: number) => string): Promise<number> => {
    let checked = 0;
    for (let guess = 0; guess < 20; guess += 1) {
      const answer: Answer = await fail(`v6-${Math.random()}@example.org`, addressOf(guess));
      if (answer.status === 401) checked += 1;
    }
    return checked;
  };
  const hex = (value: number) => value.toString(16).padStart(2, "0");
  expect(await refusedAfter((guess) => `2001:db8:a:100::${guess + 1}`)).toBe(3);
  expect(await refusedAfter((guess) => `2001:db8:b:1${hex(guess)}::1`)).toBe(6);
  expect(await refusedAfter((guess) => `2001:db8:c:${hex(guess)}00::1`)).toBe(12);
  expect(await refusedAfter((guess) => `2001:db8:ff${hex(guess)}:1::1`)).toBe(20);
});

test("guesses on one account from one /48 are rejected after 20, though each comes from another /64", async () => {
  const email = "v6.account@example.org";
  let checked = 0;
  for (let guess = 0; guess < 30; guess += 1) {
    const seconds = guess < 10 ? 0 : 1;
    const answer = await later(seconds, () => fail(email, `2001:db8:d:${guess.toString(16)}00::1`));
    if (answer.status === 401) checked += 1;
  }
  expect(checked).toBeLessThanOrEqual(20);
});

test("only ten of sixty concurrent guesses from sixty addresses are checked, and the other responses reveal nothing", async () => {
  const member = await platform.person();
  // The clock stands still: 60 hashes take longer than the first login delay of one second, which would expire
  // meanwhile.
  const now = new Date();
  const back = Clock.set(() => now);
  const guesses = Array.from({ length: 60 }, (_, guess) => fail(member.email, `198.18.0.${guess + 1}`));
  const statuses = (await Promise.all(guesses)).map((answer) => answer.status);
  back();
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(50);
});
