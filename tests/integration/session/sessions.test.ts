import { expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Retention } from "@gotong/core/domain/retention.ts";
import { taskInput } from "../../harness/factories.ts";
import { deliverMail, mailsTo, useMailDirectory } from "../../harness/mail.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
const { directory: mails, configure } = useMailDirectory(platform);

const PHONE = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36";
const login = (person: Person, headers: Record<string, string> = {}, address = "203.0.113.7") =>
  platform.request("POST", "/v1/auth/login", {
    body: { email: person.email, password: person.password },
    headers,
    address,
  });
const tokenOf = (answer: Answer) => String(answer.json["access_token"]);
const as = (token: string) => ({
  get: (path: string) => platform.request("GET", path, { token }),
  end: (path: string) => platform.request("DELETE", path, { token }),
});
const refresh = (token: unknown) =>
  platform.request("POST", "/v1/auth/refresh", { body: { refresh_token: String(token) } });
const idsOf = (answer: Answer): string[] => {
  const { data } = answer.json;
  return Array.isArray(data) ? data.map((session) => String(session["id"])) : [];
};
const actionsAbout = async (person: Person) => {
  const rows =
    await platform.sql`select action from audit_log where actor_id = ${person.id} or target_id = ${person.id} order by id`;
  return rows.map((row) => String(row["action"]));
};
const mailsOf = async (email: string): Promise<string[]> => {
  await deliverMail();
  return mailsTo(mails, email);
};

async function at<T>(days: number, work: () => Promise<T>): Promise<T> {
  const back = Clock.set(() => new Date(Date.now() + days * 86_400_000));
  try {
    return await work();
  } finally {
    back();
  }
}

test("a member lists their open sessions, newest first, by page, with kind of device and network only", async () => {
  const member = await platform.person();
  const phone = tokenOf(await login(member, { "user-agent": PHONE }));
  const listed = await as(phone).get("/v1/me/sessions");
  expect(listed.json["data"]).toMatchObject([
    { device: "Chrome on Android", network: "203.0.113.0/24", is_current: true },
    { device: null, network: "127.0.0.0/24", is_current: false },
  ]);
  expect(JSON.stringify(await platform.sql`select * from sessions`)).not.toMatch(/203\.0\.113\.7|SM-A155F|131\.0/);
  const first = await as(phone).get("/v1/me/sessions?limit=1");
  const next = await as(phone).get(`/v1/me/sessions?limit=1&cursor=${String(first.json["next_cursor"])}`);
  expect([...idsOf(first), ...idsOf(next)]).toEqual(idsOf(listed));
  expect(next.json["next_cursor"]).toBeNull();
});

test("a member can revoke one of their sessions, whose tokens are invalid at once, but no session of another member", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const lost = await login(member);
  const [lostId = ""] = idsOf(await member.get("/v1/me/sessions"));
  expect(problem(await as(other.token).end(`/v1/me/sessions/${lostId}`))).toBe("404 NOT_FOUND");
  expect((await as(tokenOf(lost)).get("/v1/me")).status).toBe(200);
  expect((await as(member.token).end(`/v1/me/sessions/${lostId}`)).status).toBe(204);
  expect(problem(await as(tokenOf(lost)).get("/v1/me"))).toBe("401 UNAUTHENTICATED");
  expect(problem(await refresh(lost.json["refresh_token"]))).toBe("401 INVALID_REFRESH_TOKEN");
  expect(problem(await as(member.token).end(`/v1/me/sessions/${lostId}`))).toBe("404 NOT_FOUND");
  expect((await member.get("/v1/me")).status).toBe(200);
});

test("a member revokes all sessions except the current one", async () => {
  const member = await platform.person();
  const others = [await login(member), await login(member)];
  expect((await as(member.token).end("/v1/me/sessions")).status).toBe(204);
  for (const other of others) expect(problem(await as(tokenOf(other)).get("/v1/me"))).toBe("401 UNAUTHENTICATED");
  expect(idsOf(await member.get("/v1/me/sessions"))).toHaveLength(1);
  expect((await refresh(member.refreshToken)).status).toBe(200);
});

test("a session and its access tokens expire after 90 days, even if the session is refreshed", async () => {
  const member = await platform.person();
  let token = member.refreshToken;
  for (let day = 6; day <= 84; day += 6) token = String((await at(day, () => refresh(token))).json["refresh_token"]);
  const last = await at(89.99, () => refresh(token));
  expect(last.status).toBe(200);
  expect((await at(89.995, () => as(tokenOf(last)).get("/v1/me"))).status).toBe(200);
  expect(problem(await at(90.001, () => as(tokenOf(last)).get("/v1/me")))).toBe("401 UNAUTHENTICATED");
  expect(problem(await at(90.001, () => refresh(last.json["refresh_token"])))).toBe("401 INVALID_REFRESH_TOKEN");
});

test("the maximum session lifetime is a setting, and a session not refreshed for a week is not listed", async () => {
  configure({ SESSION_MAX_DAYS: "2" });
  const member = await platform.person();
  configure();
  expect(problem(await at(2.1, () => refresh(member.refreshToken)))).toBe("401 INVALID_REFRESH_TOKEN");
  const other = await platform.person();
  const later = await at(8, () => login(other));
  expect(idsOf(await at(8, () => as(tokenOf(later)).get("/v1/me/sessions")))).toHaveLength(1);
});

test("a login beyond a member's limit of sessions revokes the session unused for longest, and the revocation is audited", async () => {
  const member = await platform.person();
  const second = await login(member);
  await at(0.001, () => refresh(member.refreshToken));
  configure({ SESSIONS_PER_MEMBER: "2" });
  const [, secondId = ""] = idsOf(await member.get("/v1/me/sessions")).toReversed();
  const third = await at(0.002, () => login(member));
  expect(idsOf(await member.get("/v1/me/sessions"))).toHaveLength(2);
  expect(problem(await as(tokenOf(second)).get("/v1/me"))).toBe("401 UNAUTHENTICATED");
  expect(problem(await refresh(second.json["refresh_token"]))).toBe("401 INVALID_REFRESH_TOKEN");
  for (const token of [member.token, tokenOf(third)]) expect((await as(token).get("/v1/me")).status).toBe(200);
  expect(
    await platform.sql`select actor_id, details from audit_log where action = 'session.end' and target_id = ${secondId}`,
  ).toEqual([{ actor_id: member.id, details: { reason: "limit" } }]);
  configure();
});

test("concurrent logins of one member leave no more open sessions than the limit, and do not affect other members' sessions", async () => {
  configure({ SESSIONS_PER_MEMBER: "3" });
  const [member, other] = [await platform.person(), await platform.person()];
  await Promise.all(Array.from({ length: 6 }, () => login(other)));
  await Promise.all(Array.from({ length: 6 }, () => login(member)));
  const open = await platform.sql`
    select user_id, count(*)::int as open from sessions
    where user_id in (${member.id}, ${other.id}) and ended_at is null group by user_id`;
  expect(open.map((row) => Number(row["open"]))).toEqual([3, 3]);
  configure();
});

test("the number of refreshes of a session per hour is limited, and other sessions are not affected", async () => {
  configure({ REFRESHES_PER_SESSION_PER_HOUR: "2" });
  const member = await platform.person();
  const other = await login(member);
  const next = async (token: unknown, days: number) => at(days, () => refresh(token));
  const first = await next(member.refreshToken, 0.001);
  const second = await next(first.json["refresh_token"], 0.002);
  const refused = await next(second.json["refresh_token"], 0.003);
  expect(problem(refused)).toBe("429 RATE_LIMITED");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await next(other.json["refresh_token"], 0.003)).status).toBe(200);
  expect((await next(second.json["refresh_token"], 0.05)).status).toBe(200);
  configure();
});

test("the number of logins of a member per hour is limited; a rejected login stores nothing; other members are not affected", async () => {
  const [member, other] = [await platform.person(), await platform.person()]; // the registration counts as the first login
  configure({ LOGINS_PER_MEMBER_PER_HOUR: "3" });
  const stored = async () =>
    platform.sql`select (select count(*)::int from sessions where user_id = ${member.id}) as sessions,
      (select count(*)::int from refresh_tokens where user_id = ${member.id}) as tokens,
      (select count(*)::int from audit_log where actor_id = ${member.id} and action = 'session.login') as entries`;
  const answers = await Promise.all(Array.from({ length: 5 }, () => login(member)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 429, 429, 429]);
  expect(await stored()).toEqual([{ sessions: 3, tokens: 3, entries: 2 }]);
  const refused = await login(member);
  expect(problem(refused)).toBe("429 RATE_LIMITED");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(3_500);
  expect((await login(other)).status).toBe(200);
  expect((await refresh(member.refreshToken)).status).toBe(200);
  expect((await at(0.05, () => login(member))).status).toBe(200);
  configure();
});

test("the reuse of a refresh token revokes its session, is audited, and is mailed once", async () => {
  const member = await platform.person();
  await refresh(member.refreshToken);
  await at(0.01, () => refresh(member.refreshToken));
  await at(0.02, () => refresh(member.refreshToken));
  const reuse =
    await platform.sql`select target_type, details from audit_log where action = 'session.reuse' and details->>'user_id' = ${member.id}`;
  expect(reuse).toEqual([{ target_type: "session", details: { user_id: member.id } }]);
  expect(await mailsOf(member.email)).toHaveLength(1);
  expect((await mailsOf(member.email))[0]).toContain("A session of yours was ended");
});

test("registration, login, logout and revoked sessions are audited by member, and the log contains no address or secret", async () => {
  const member = await platform.person();
  const second = await login(member);
  await platform.request("POST", "/v1/auth/logout", { body: { refresh_token: second.json["refresh_token"] } });
  await platform.request("POST", "/v1/auth/logout", { body: { refresh_token: second.json["refresh_token"] } });
  await as(member.token).end("/v1/me/sessions");
  expect(await actionsAbout(member)).toEqual([
    "user.register",
    "session.login",
    "session.logout",
    "session.end_others",
  ]);
  const logs = platform.logs.join("\n");
  for (const message of ["registered", "login", "logout"]) expect(logs).toContain(`"message":"${message}"`);
  for (const secret of [member.email, member.password, "203.0.113.7", tokenOf(second)])
    expect(logs).not.toContain(secret);
});

test("the audit log names each started or revoked session, its kind of device, and whether it had a second factor", async () => {
  const member = await platform.person();
  const [first, second] = [await login(member, { "user-agent": PHONE }), await login(member)];
  const [newest, middle] = idsOf(await member.get("/v1/me/sessions"));
  const rows = async () =>
    (
      await platform.sql`
        select action, actor_id, target_type, target_id, details from audit_log
        where actor_id = ${member.id} and action like 'session.%' order by id`
    ).map((row) => [row["action"], row["target_type"], row["target_id"], row["details"]]);
  const logins = [
    ["session.login", "user", member.id, expect.objectContaining({ mfa: false })],
    ["session.login", "user", member.id, expect.objectContaining({ mfa: false })],
  ];
  expect(await rows()).toEqual(logins);
  expect(Object.keys((await rows())[0]?.[3] ?? {}).length).toBeGreaterThan(1);
  await platform.request("POST", "/v1/auth/logout", { body: { refresh_token: second.json["refresh_token"] } });
  expect(await rows()).toEqual([...logins, ["session.logout", "session", newest, {}]]);
  await as(member.token).end(`/v1/me/sessions/${middle}`);
  expect(problem(await refresh(first.json["refresh_token"]))).toBe("401 INVALID_REFRESH_TOKEN");
  await as(member.token).end("/v1/me/sessions");
  expect((await rows()).slice(3)).toEqual([
    ["session.end", "session", middle, {}],
    ["session.end_others", "user", member.id, {}],
  ]);
});

test("a logout with an unknown token gets the same response as any other", async () => {
  const answer = await platform.request("POST", "/v1/auth/logout", { body: { refresh_token: "unknown" } });
  expect(answer.status).toBe(204);
});

test("an admin's change of another member's task is audited; changes by its creator or assignee are not", async () => {
  const [creator, worker, admin] = [await platform.person(), await platform.person(), await platform.person(["admin"])];
  const make = async () => {
    const draft = taskInput({ title: "Clear the drain" });
    return `/v1/tasks/${String((await creator.post("/v1/tasks", draft)).json["id"])}`;
  };
  const [ours, theirs] = [await make(), await make()];
  for (const [by, task] of [
    [creator, ours],
    [admin, theirs],
  ] as const) {
    expect((await by.send("PATCH", task, { title: "Clear both drains" })).status).toBe(200);
    expect((await by.post(`${task}/assign`, { user_id: worker.id })).status).toBe(200);
    expect((await by.post(`${task}/unassign`)).status).toBe(200);
    await worker.post(`${task}/claim`);
    await worker.post(`${task}/unassign`);
    expect((await by.post(`${task}/cancel`)).status).toBe(200);
  }
  const rows =
    await platform.sql`select action, actor_id, target_id, details from audit_log where target_type = 'task' order by id`;
  expect(rows.map((row) => [row["action"], row["actor_id"], `/v1/tasks/${String(row["target_id"])}`])).toEqual(
    ["task.change", "task.assign", "task.unassign", "task.cancel"].map((action) => [action, admin.id, theirs]),
  );
  expect(rows.map((row) => row["details"])).toEqual(
    [{ fields: ["title"] }, { assignee_id: worker.id }, { assignee_id: worker.id }, { status: "open" }].map((more) => ({
      creator_id: creator.id,
      ...more,
    })),
  );
});

test("a change of roles is mailed to the member", async () => {
  const [member, admin] = [await platform.person(), await platform.person(["admin"])];
  await admin.send("PUT", `/v1/admin/users/${member.id}/roles`, { roles: ["verifier"] });
  expect((await mailsOf(member.email))[0]).toContain("Your roles are now: contributor, verifier.");
});

test("a session is deleted with its last refresh token, 30 days after the token has expired", async () => {
  const member = await platform.person();
  await platform.sql`update sessions set last_used_at = now() - interval '38 days' where user_id = ${member.id}`;
  expect(await Retention.removeExpired()).toMatchObject({ sessions: 0 });
  await platform.sql`update refresh_tokens set expires_at = now() - interval '31 days' where user_id = ${member.id}`;
  expect(await Retention.removeExpired()).toMatchObject({ tokens: 1, sessions: 1 });
});

test("a deleted member's sessions no longer contain device or network", async () => {
  const member = await platform.person();
  await login(member, { "user-agent": PHONE });
  expect((await member.send("DELETE", "/v1/me", { password: member.password })).status).toBe(204);
  const rows = await platform.sql`select device, network, ended_at from sessions where user_id = ${member.id}`;
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row).toMatchObject({ device: null, network: null, ended_at: expect.any(Date) });
});
