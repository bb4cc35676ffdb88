import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { deliverMail, mailsTo, useMailDirectory } from "../../harness/mail.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
const { directory: mails, configure } = useMailDirectory(platform);

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

/** Creates a member with five failed logins from one address. */
async function lockedOut(): Promise<Person> {
  const member = await platform.person();
  for (let tries = 0; tries < 5; tries += 1)
    expect(problem(await login(member.email, "not this phrase"))).toBe("401 INVALID_CREDENTIALS");
  return member;
}

test("five failed logins from one address lock the account for this address for a minute, even with the correct password", async () => {
  const member = await lockedOut();
  const locked = await login(member.email, member.password);
  expect(problem(locked)).toBe("429 RATE_LIMITED");
  expect(Number(locked.headers.get("retry-after"))).toBeGreaterThan(55);
  expect(Number(locked.headers.get("retry-after"))).toBeLessThanOrEqual(60);
});

test("the response to a locked login has the rate limit headers", async () => {
  const member = await lockedOut();
  const { headers } = await login(member.email, member.password);
  expect(headers.get("ratelimit-policy")).toBe('"login";q=5;w=900');
  expect(headers.get("ratelimit")).toBe(`"login";r=0;t=${headers.get("retry-after")}`);
});

test("a lockout of one address on one account applies neither to other addresses nor to other accounts", async () => {
  const member = await lockedOut();
  expect((await login(member.email, member.password, "192.0.2.2")).status).toBe(200);
  expect((await login(account.email, account.password)).status).toBe(200);
});

test("a further failed login doubles the lockout", async () => {
  const member = await lockedOut();
  await after(61, async () => {
    expect(problem(await login(member.email, "not this phrase"))).toBe("401 INVALID_CREDENTIALS");
    const longer = await login(member.email, member.password);
    expect(Number(longer.headers.get("retry-after"))).toBeGreaterThan(115);
  });
});

test("a successful login after the lockout resets the failures", async () => {
  const member = await lockedOut();
  await after(61, async () => {
    expect((await login(member.email, member.password)).status).toBe(200);
    expect(problem(await login(member.email, "not this phrase"))).toBe("401 INVALID_CREDENTIALS"); // counts as the first of five failures again
    expect((await login(member.email, member.password)).status).toBe(200);
  });
});

test("an unknown account is locked like an existing one after failed logins", async () => {
  for (let tries = 0; tries < 5; tries += 1)
    expect(problem(await login("unknown@example.org", "some phrase"))).toBe("401 INVALID_CREDENTIALS");
  expect(problem(await login("UNKNOWN@example.org", "some phrase"))).toBe("429 RATE_LIMITED");
});

test("failed logins are stored without the e-mail address and the client address", async () => {
  await login("unknown@example.org", "some phrase");
  const rows = await platform.sql`select * from login_failures`;
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toMatch(/unknown@|192\.0\.2/);
});

test("four failed logins within the window and one failed login after the window do not lock the account", async () => {
  const member = await platform.person();
  for (let tries = 0; tries < 4; tries += 1) await login(member.email, "not this phrase");
  await after(901, async () => {
    expect(problem(await login(member.email, "not this phrase"))).toBe("401 INVALID_CREDENTIALS");
    expect((await login(member.email, member.password)).status).toBe(200);
  });
});

test("twenty concurrent successful logins are not rejected", async () => {
  const member = await platform.person();
  const good = await Promise.all(Array.from({ length: 20 }, () => login(member.email, member.password)));
  expect(good.map((answer) => answer.status)).toEqual(Array(20).fill(200));
});

test("only five of sixty concurrent guesses are checked; the others are rejected and do not prolong the lockout", async () => {
  const member = await platform.person();
  const guesses = Array.from({ length: 60 }, (_, index) => `guess number ${index}`);
  const answers = await Promise.all(guesses.map((guess) => login(member.email, guess)));
  const statuses = answers.map((answer) => answer.status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(5);
  expect(statuses.filter((status) => status === 429)).toHaveLength(55);
  const right = await login(member.email, member.password);
  expect(problem(right)).toBe("429 RATE_LIMITED");
  expect(Number(right.headers.get("retry-after"))).toBeLessThanOrEqual(60);
});

test("the limit of failed logins is a setting", async () => {
  const member = await platform.person();
  configure({ LOGIN_LIMIT_PER_15_MINUTES: "2" });
  try {
    for (let tries = 0; tries < 2; tries += 1) await login(member.email, "not this phrase");
    expect(problem(await login(member.email, member.password))).toBe("429 RATE_LIMITED");
  } finally {
    configure();
  }
});

/** Creates a member who has requested a password reset, and returns the mailed token too. */
async function withToken(): Promise<{ member: Person; token: string }> {
  const member = await platform.person();
  await ask(member.email);
  const [token = ""] = tokensFor(member.email);
  expect(token).toMatch(/^[\w-]{43}$/);
  return { member, token };
}
const INVALID = "422 INVALID_RESET_TOKEN";

test("a request for a password reset gets 202 without content, for the e-mail address in any case", async () => {
  const member = await platform.person();
  const asked = await ask(member.email.toUpperCase());
  expect([asked.status, asked.json]).toEqual([202, {}]);
  expect(tokensFor(member.email)).toHaveLength(1);
});

test("a password reset replaces the password", async () => {
  const { member, token } = await withToken();
  expect((await confirm(token)).status).toBe(204);
  expect(problem(await login(member.email, member.password))).toBe("401 INVALID_CREDENTIALS");
  expect((await login(member.email, "an entirely new phrase")).status).toBe(200);
});

test("a password reset rejects a guessable password and does not use up the token", async () => {
  const { token } = await withToken();
  expect(problem(await confirm(token, "short"))).toBe("400 VALIDATION_FAILED password:too_short");
  expect(problem(await confirm(token, "password1234"))).toBe("400 VALIDATION_FAILED password:guessable");
  expect((await confirm(token)).status).toBe(204);
});

test("a password reset token can be used only once", async () => {
  const { token } = await withToken();
  expect((await confirm(token)).status).toBe(204);
  expect(problem(await confirm(token))).toBe(INVALID);
});

test("a password reset revokes every session of the member", async () => {
  const { member, token } = await withToken();
  expect((await confirm(token)).status).toBe(204);
  expect(problem(await member.get("/v1/me"))).toBe("401 UNAUTHENTICATED");
  const refresh = { body: { refresh_token: member.refreshToken } };
  expect(problem(await platform.request("POST", "/v1/auth/refresh", refresh))).toBe("401 INVALID_REFRESH_TOKEN");
});

test("a password reset token is stored as a hash, and the log contains neither token, address nor password", async () => {
  const { member, token } = await withToken();
  expect(JSON.stringify(await platform.sql`select * from password_resets`)).not.toContain(token);
  await confirm(token);
  const logs = platform.logs.join("\n");
  expect(logs).toContain("mail sent");
  for (const secret of [token, member.email, "entirely new phrase"]) expect(logs).not.toContain(secret);
  expect(
    await platform.sql`select target_type, target_id from audit_log where action = 'user.password_reset' and target_id = ${member.id}`,
  ).toEqual([{ target_type: "user", target_id: member.id }]);
});

test("mail files are readable by their owner only", async () => {
  await withToken();
  expect(readdirSync(mails).length).toBeGreaterThan(0);
  for (const name of readdirSync(mails)) expect(statSync(join(mails, name)).mode & 0o077).toBe(0);
});

test("a password reset token expires after an hour", async () => {
  const { token } = await withToken();
  await after(3601, async () => expect(problem(await confirm(token))).toBe(INVALID));
});

test("the use of one password reset token invalidates the others", async () => {
  const { member, token } = await withToken();
  await ask(member.email);
  const [, second = ""] = tokensFor(member.email);
  expect((await confirm(second)).status).toBe(204);
  expect(problem(await confirm(token))).toBe(INVALID);
});

test("the deletion of the account invalidates its password reset token", async () => {
  const { member, token } = await withToken();
  await member.send("DELETE", "/v1/me", { password: member.password });
  expect(problem(await confirm(token))).toBe(INVALID);
});

test("a string that is not a password reset token is rejected like an expired one", async () => {
  expect(problem(await confirm("x"))).toBe(INVALID);
});

test("only one of twenty concurrent uses of a password reset token sets a password", async () => {
  const { token } = await withToken();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => confirm(token, `the phrase with number ${index}`)),
  );
  expect(answers.filter((answer) => answer.status === 204)).toHaveLength(1);
  expect(answers.filter((answer) => answer.status === 422)).toHaveLength(19);
});

const refresh = (token: string) => platform.request("POST", "/v1/auth/refresh", { body: { refresh_token: token } });

test("twenty concurrent refreshes of one token return one successor, which is stored as a hash", async () => {
  const member = await platform.person();
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(member.refreshToken)));
  expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200));
  const successors = new Set(answers.map((answer) => String(answer.json["refresh_token"])));
  expect(successors.size).toBe(1);
  const rows = await platform.sql`select token_hash from refresh_tokens where user_id = ${member.id}`;
  for (const successor of successors) expect(JSON.stringify(rows)).not.toContain(successor);
});

/** Runs `work` with a clock that only `wait` moves: on a slow host, a grace period must not expire. */
async function withStillClock<T>(work: (wait: (seconds: number) => void) => Promise<T>): Promise<T> {
  let now = Date.now();
  const back = Clock.set(() => new Date(now));
  try {
    return await work((seconds) => void (now += seconds * 1000));
  } finally {
    back();
  }
}

test("a refresh token that is sent again within ten seconds returns the same successor", async () => {
  const member = await platform.person();
  await withStillClock(async (wait) => {
    const { json } = await refresh(member.refreshToken);
    wait(9);
    expect((await refresh(member.refreshToken)).json["refresh_token"]).toBe(json["refresh_token"]);
  });
});

test("the later reuse of a refresh token revokes its session, and no other session of the member", async () => {
  const member = await platform.person();
  const other = await login(member.email, member.password);
  await withStillClock(async (wait) => {
    const successor = String((await refresh(member.refreshToken)).json["refresh_token"]);
    wait(12);
    expect(problem(await refresh(member.refreshToken))).toBe("401 INVALID_REFRESH_TOKEN");
    expect(problem(await refresh(successor))).toBe("401 INVALID_REFRESH_TOKEN");
    expect((await refresh(String(other.json["refresh_token"]))).status).toBe(200);
  });
});

test("a refresh token that is issued while a logout, a password reset or a token reuse revokes its session is invalid", async () => {
  const logout = (token: string) => platform.request("POST", "/v1/auth/logout", { body: { refresh_token: token } });
  for (let round = 0; round < 8; round += 1) {
    const member = await platform.person();
    const renewed = String((await refresh(member.refreshToken)).json["refresh_token"]);
    await ask(member.email);
    const [reset = ""] = tokensFor(member.email);
    const ends = [
      () => logout(renewed),
      () => confirm(reset),
      () => after(11, () => refresh(member.refreshToken)), // reuses the old token after the grace period
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
