import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { deliverMail, mailsTo } from "../../harness/mail.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
const mails = mkdtempSync(join(tmpdir(), "gotong-mail-"));
const variables = () => ({ ...platform.variables, MAIL_DIR: mails });

beforeAll(() => Config.use(variables()));
afterAll(() => rmSync(mails, { recursive: true }));

let account: Person;
beforeAll(async () => {
  account = await platform.person();
});

const login = (email: string, password: string, address = "192.0.2.1") =>
  platform.request("POST", "/v1/auth/login", { body: { email, password }, address });
const ask = async (email: string) => {
  const answer = await platform.request("POST", "/v1/auth/password-resets", { body: { email } });
  await deliverMail();
  return answer;
};
const confirm = (token: string, password = "an entirely new phrase") =>
  platform.request("POST", "/v1/auth/password-resets/confirm", { body: { token, password } });

/** The tokens that were mailed to an address, oldest first. */
function tokensFor(email: string): string[] {
  return mailsTo(mails, email).map((text) => /Token: (\S+)/.exec(text)?.[1] ?? "");
}

async function after<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  const back = Clock.set(() => new Date(Date.now() + seconds * 1000));
  try {
    return await work();
  } finally {
    back();
  }
}

test("five failed logins lock the account for that address, also with the right password, for growing times", async () => {
  const member = await platform.person();
  for (let tries = 0; tries < 5; tries += 1)
    expect(problem(await login(member.email, "not this phrase"))).toBe("401 INVALID_CREDENTIALS");
  const locked = await login(member.email, member.password);
  expect(problem(locked)).toBe("429 RATE_LIMITED");
  expect(locked.headers.get("ratelimit-policy")).toBe('"login";q=5;w=900');
  expect(locked.headers.get("ratelimit")).toBe(`"login";r=0;t=${locked.headers.get("retry-after")}`);
  expect(Number(locked.headers.get("retry-after"))).toBeGreaterThan(55);
  expect(Number(locked.headers.get("retry-after"))).toBeLessThanOrEqual(60);
  expect((await login(member.email, member.password, "192.0.2.2")).status).toBe(200);
  expect((await login(account.email, account.password)).status).toBe(200);
  await after(61, async () => {
    expect(problem(await login(member.email, "not this phrase"))).toBe("401 INVALID_CREDENTIALS");
    const longer = await login(member.email, member.password);
    expect(Number(longer.headers.get("retry-after"))).toBeGreaterThan(115);
  });
  await after(200, async () => {
    expect((await login(member.email, member.password)).status).toBe(200);
    expect(problem(await login(member.email, "not this phrase"))).toBe("401 INVALID_CREDENTIALS"); // forgiven: 1 of 5
    expect((await login(member.email, member.password)).status).toBe(200);
  });
});

test("an unknown account is locked in the same way", async () => {
  for (let tries = 0; tries < 5; tries += 1)
    expect(problem(await login("unknown@example.org", "some phrase"))).toBe("401 INVALID_CREDENTIALS");
  expect(problem(await login("UNKNOWN@example.org", "some phrase"))).toBe("429 RATE_LIMITED");
  const rows = await platform.sql`select * from login_failures`;
  expect(JSON.stringify(rows)).not.toMatch(/unknown@|192\.0\.2/);
});

test("four failures within the window and one after it do not lock", async () => {
  const member = await platform.person();
  for (let tries = 0; tries < 4; tries += 1) await login(member.email, "not this phrase");
  await after(901, async () => {
    expect(problem(await login(member.email, "not this phrase"))).toBe("401 INVALID_CREDENTIALS");
    expect((await login(member.email, member.password)).status).toBe(200);
  });
});

test("concurrent successful logins are never refused; of sixty concurrent guesses five are answered, the others learn nothing", async () => {
  const member = await platform.person();
  const good = await Promise.all(Array.from({ length: 20 }, () => login(member.email, member.password)));
  expect(good.map((answer) => answer.status)).toEqual(Array(20).fill(200));
  const guesses = Array.from({ length: 60 }, (_, index) => `guess number ${index}`);
  const answers = await Promise.all(guesses.map((guess) => login(member.email, guess)));
  const statuses = answers.map((answer) => answer.status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(5);
  expect(statuses.filter((status) => status === 429)).toHaveLength(55);
  const right = await login(member.email, member.password);
  expect(problem(right)).toBe("429 RATE_LIMITED");
  expect(Number(right.headers.get("retry-after"))).toBeLessThanOrEqual(60); // the guesses in hand made it no longer
});

test("the limit of failed logins is a setting", async () => {
  const member = await platform.person();
  Config.use({ ...variables(), LOGIN_LIMIT_PER_15_MINUTES: "2" });
  try {
    for (let tries = 0; tries < 2; tries += 1) await login(member.email, "not this phrase");
    expect(problem(await login(member.email, member.password))).toBe("429 RATE_LIMITED");
  } finally {
    Config.use(variables());
  }
});

test("a mailed token resets the password once and ends every session; the log never contains it", async () => {
  const member = await platform.person();
  const asked = await ask(member.email.toUpperCase());
  expect([asked.status, asked.json]).toEqual([202, {}]);
  const [token = ""] = tokensFor(member.email);
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(problem(await confirm(token, "short"))).toBe("400 VALIDATION_FAILED password:too_short");
  expect(problem(await confirm(token, "password1234"))).toBe("400 VALIDATION_FAILED password:guessable");
  expect((await confirm(token)).status).toBe(204);
  expect(problem(await confirm(token))).toBe("422 INVALID_RESET_TOKEN");
  expect(problem(await login(member.email, member.password))).toBe("401 INVALID_CREDENTIALS");
  expect((await login(member.email, "an entirely new phrase")).status).toBe(200);
  expect(problem(await member.get("/v1/me"))).toBe("401 UNAUTHENTICATED");
  const refresh = { body: { refresh_token: member.refreshToken } };
  expect(problem(await platform.request("POST", "/v1/auth/refresh", refresh))).toBe("401 INVALID_REFRESH_TOKEN");
  const stored = JSON.stringify(await platform.sql`select * from password_resets`);
  expect(stored).not.toContain(token);
  const logs = platform.logs.join("\n");
  expect(logs).toContain("mail sent");
  for (const secret of [token, member.email, "entirely new phrase"]) expect(logs).not.toContain(secret);
  for (const name of readdirSync(mails)) expect(statSync(join(mails, name)).mode & 0o077).toBe(0);
  expect(await platform.sql`select target_type, target_id from audit_log where action = 'user.password_reset'`).toEqual(
    [{ target_type: "user", target_id: member.id }],
  );
});

test("a reset token expires after an hour, with the use of another one and with the account; other text is refused alike", async () => {
  const member = await platform.person();
  await ask(member.email);
  await ask(member.email);
  const [first = "", second = ""] = tokensFor(member.email);
  await after(3601, async () => expect(problem(await confirm(first))).toBe("422 INVALID_RESET_TOKEN"));
  expect((await confirm(second)).status).toBe(204);
  expect(problem(await confirm(first))).toBe("422 INVALID_RESET_TOKEN");
  expect(problem(await confirm("x"))).toBe("422 INVALID_RESET_TOKEN");
  const gone = await platform.person();
  await ask(gone.email);
  const [orphan = ""] = tokensFor(gone.email);
  await gone.send("DELETE", "/v1/me", { password: gone.password });
  expect(problem(await confirm(orphan))).toBe("422 INVALID_RESET_TOKEN");
});

test("a reset token used twenty times concurrently sets one password", async () => {
  const member = await platform.person();
  await ask(member.email);
  const [token = ""] = tokensFor(member.email);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => confirm(token, `the phrase with number ${index}`)),
  );
  expect(answers.filter((answer) => answer.status === 204)).toHaveLength(1);
  expect(answers.filter((answer) => answer.status === 422)).toHaveLength(19);
});

test("twenty concurrent refreshes of one token return one successor; a late reuse ends that family and no other", async () => {
  const member = await platform.person();
  const refresh = (token: string) => platform.request("POST", "/v1/auth/refresh", { body: { refresh_token: token } });
  const other = await login(member.email, member.password);
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(member.refreshToken)));
  expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200));
  const successors = new Set(answers.map((answer) => String(answer.json["refresh_token"])));
  expect(successors.size).toBe(1);
  const [successor = ""] = successors;
  await after(9, async () => expect((await refresh(member.refreshToken)).json["refresh_token"]).toBe(successor));
  await after(12, async () => {
    expect(problem(await refresh(member.refreshToken))).toBe("401 INVALID_REFRESH_TOKEN");
    expect(problem(await refresh(successor))).toBe("401 INVALID_REFRESH_TOKEN");
    expect((await refresh(String(other.json["refresh_token"]))).status).toBe(200);
  });
  const rows = await platform.sql`select token_hash from refresh_tokens where user_id = ${member.id}`;
  expect(JSON.stringify(rows)).not.toContain(successor);
});

test("a token refreshed while its session ends is revoked: by logout, by a reset, by reuse", async () => {
  const refresh = (token: string) => platform.request("POST", "/v1/auth/refresh", { body: { refresh_token: token } });
  const logout = (token: string) => platform.request("POST", "/v1/auth/logout", { body: { refresh_token: token } });
  for (let round = 0; round < 8; round += 1) {
    const member = await platform.person();
    const renewed = String((await refresh(member.refreshToken)).json["refresh_token"]);
    await ask(member.email);
    const [reset = ""] = tokensFor(member.email);
    const ends = [
      () => logout(renewed),
      () => confirm(reset),
      () => after(11, () => refresh(member.refreshToken)), // reuse, after the grace
    ];
    await Promise.all([refresh(renewed), ends[round % 3]?.(), refresh(renewed)]);
    const alive = await platform.sql`select 1 from refresh_tokens where user_id = ${member.id} and revoked_at is null`;
    expect(alive, `round ${round}`).toHaveLength(0);
  }
});

test("a login that was checking the old password during a reset opens no session", async () => {
  for (let round = 0; round < 5; round += 1) {
    const member = await platform.person();
    await ask(member.email);
    const [token = ""] = tokensFor(member.email);
    const [logged, confirmed] = await Promise.all([login(member.email, member.password), confirm(token)]);
    expect(confirmed.status).toBe(204);
    const refreshed =
      logged.status === 200
        ? await platform.request("POST", "/v1/auth/refresh", {
            body: { refresh_token: String(logged.json["refresh_token"]) },
          })
        : logged;
    expect(refreshed.status).toBe(401);
  }
});
