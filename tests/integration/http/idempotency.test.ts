import { createHash, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { Audit } from "@gotong/core/platform/audit/index.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { Idempotency, StoredResponses } from "@gotong/core/platform/idempotency/index.ts";
import { User } from "@gotong/core/domain/user/index.ts";
import { freshPassword, gpsReading, taskInput } from "../../harness/factories.ts";
import { type Answer, usePlatform } from "../../harness/platform.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
const task = taskInput({ title: "Clear the drain", description: "Before the rain." });
const withKey = (key: string) => ({ "idempotency-key": key });
const replayed = (answer: Answer) => answer.headers.get("idempotency-replayed");

const ANSWER = { status: 201, headers: { "content-type": "application/json" }, body: '{"a":1}' };
const requestOf = (memberId: string) => ({
  scope: Idempotency.userScope(memberId),
  key: randomUUID(),
  method: "POST",
  path: "/x",
  body: "{}",
});

async function tasksOf(creatorId: string): Promise<number> {
  return (await platform.sql`select 1 from tasks where creator_id = ${creatorId}`).length;
}

test("a repeated idempotency key with the same body replays the first response, marked as a replay, and does no work", async () => {
  const member = await platform.person();
  const key = randomUUID();
  const [first, second] = [
    await member.post("/v1/tasks", task, withKey(key)),
    await member.post("/v1/tasks", task, withKey(key)),
  ];
  expect([first.status, replayed(first), second.status, replayed(second)]).toEqual([201, null, 201, "true"]);
  expect(second.json).toEqual(first.json);
  expect(second.headers.get("content-type")).toBe(first.headers.get("content-type"));
  expect(second.headers.get("x-request-id")).toMatch(/./);
  expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
  expect(await tasksOf(member.id)).toBe(1);
});

test("a repeated idempotency key with another body or route is rejected with 422 and does nothing", async () => {
  const member = await platform.person();
  const key = randomUUID();
  const created = await member.post("/v1/tasks", task, withKey(key));
  const other = await member.post("/v1/tasks", { ...task, title: "Another" }, withKey(key));
  const elsewhere = await member.post(`/v1/tasks/${String(created.json["id"])}/claim`, undefined, withKey(key));
  expect([other.status, other.json["code"]]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
  expect([elsewhere.status, elsewhere.json["code"]]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
  expect(await tasksOf(member.id)).toBe(1);
  expect((await member.get(`/v1/tasks/${String(created.json["id"])}`)).json["status"]).toBe("open");
});

test("two members may use the same idempotency key without seeing each other's response", async () => {
  const [one, other] = [await platform.person(), await platform.person()];
  const key = randomUUID();
  const answers = [await one.post("/v1/tasks", task, withKey(key)), await other.post("/v1/tasks", task, withKey(key))];
  expect(answers.map((answer) => [answer.status, replayed(answer), answer.json["creator_id"]])).toEqual([
    [201, null, one.id],
    [201, null, other.id],
  ]);
});

test("of 20 concurrent requests with one idempotency key only one does the work; the others get its response or may retry", async () => {
  const member = await platform.person();
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 20 }, () => member.post("/v1/tasks", task, withKey(key))));
  expect(await tasksOf(member.id)).toBe(1);
  expect(answers.filter((answer) => answer.status === 201 && replayed(answer) === null)).toHaveLength(1);
  for (const answer of answers.filter(({ status }) => status !== 201)) {
    expect([answer.status, answer.json["code"], answer.headers.get("retry-after")]).toEqual([
      409,
      "IDEMPOTENCY_KEY_IN_USE",
      "1",
    ]);
  }
  const ids = answers.filter(({ status }) => status === 201).map((answer) => String(answer.json["id"]));
  expect(new Set(ids).size).toBe(1);
});

test("concurrent requests with idempotency keys wait if there are more of them than database connections, and all succeed", async () => {
  const member = await platform.person();
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => member.post("/v1/tasks", task, withKey(randomUUID()))),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  expect(await tasksOf(member.id)).toBe(60);
});

test("requests with idempotency keys use no database connection for slow work: twenty run at a time on a single connection", async () => {
  await Db.close();
  Config.use({ ...platform.variables, DATABASE_POOL_SIZE: "1" });
  try {
    const member = await platform.person();
    let inside = 0;
    const all = Promise.withResolvers<void>();
    const work = async () => {
      await User.get(member.id); // a read, which uses a connection only briefly
      inside += 1;
      if (inside === 20) all.resolve();
      await all.promise; // the slow part
      await Db.transaction(() => User.setRoles(member.id, []));
      return { store: ANSWER } as const;
    };
    const answers = await Promise.all(Array.from({ length: 20 }, () => Idempotency.once(requestOf(member.id), work)));
    expect(answers).toEqual(Array.from({ length: 20 }, () => undefined));
  } finally {
    await Db.close();
    Config.use(platform.variables);
  }
});

test("a request whose idempotency key another process has just used changes nothing, even if its handler catches the error", async () => {
  const member = await platform.person();
  const request = requestOf(member.id);
  const rename = (from: string, to: string) =>
    platform.sql`update idempotency_keys set key = ${to} where key = ${from}`;
  await Idempotency.once(request, async () => ({ store: ANSWER }));
  await rename(request.key, "parked");
  const seen: unknown[] = [];
  const tooLate = await Idempotency.once(request, async () => {
    await rename("parked", request.key); // simulates the commit of the other process
    for (const query of [
      () => Db.transaction(() => User.setRoles(member.id, ["admin"])),
      () => User.setRoles(member.id, ["admin"]),
      () => User.get(member.id),
    ])
      seen.push(await query().catch((error: unknown) => error));
    return { store: { ...ANSWER, body: "another" } };
  });
  expect(tooLate).toEqual(ANSWER);
  // The error of a failed query has the AppError as its cause.
  const codeOf = (error: unknown): unknown =>
    error instanceof AppError ? error.code : error instanceof Error && codeOf(error.cause);
  expect(seen.map(codeOf)).toEqual(seen.map(() => "IDEMPOTENCY_KEY_IN_USE"));
  expect((await User.get(member.id)).roles).toEqual(["contributor"]);
});

test("a request whose idempotency key is locked by another process changes nothing and gets a retryable error", async () => {
  const member = await platform.person();
  const request = requestOf(member.id);
  const holder = await platform.sql.reserve();
  const lock = createHash("sha256").update(`${request.scope}\n${request.key}`).digest().readBigInt64BE().toString();
  await holder`select pg_advisory_lock(${lock}::bigint)`;
  const work = async () => {
    await User.setRoles(member.id, ["admin"]);
    return { store: ANSWER } as const;
  };
  await expect(Idempotency.once(request, work)).rejects.toMatchObject({ code: "IDEMPOTENCY_KEY_IN_USE" });
  expect((await User.get(member.id)).roles).toEqual(["contributor"]);
  await holder`select pg_advisory_unlock(${lock}::bigint)`;
  holder.release();
  expect(await Idempotency.once(request, work)).toBeUndefined();
});

test("a failed request with an idempotency key rolls back all statements and transactions, and skips its after-commit steps", async () => {
  const member = await platform.person();
  let followed = 0;
  const work = async () => {
    await User.setRoles(member.id, ["admin"]);
    await Db.transaction(() => Audit.record("test", "user", member.id));
    await Db.afterCommit(async () => void (followed += 1));
    return "rolled_back" as const;
  };
  expect(await Idempotency.once(requestOf(member.id), work)).toBeUndefined();
  expect((await User.get(member.id)).roles).toEqual(["contributor"]);
  expect(await platform.sql`select 1 from audit_log where action = 'test' and target_id = ${member.id}`).toHaveLength(
    0,
  );
  expect(followed).toBe(0);
});

test("in a request with an idempotency key, a failing statement or transaction undoes only itself and its after-commit steps", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const steps: string[] = [];
  const request = requestOf(member.id);
  await Idempotency.once(request, async () => {
    await User.setRoles(member.id, ["verifier"]);
    const { username } = await User.get(other.id);
    const taken = User.register({ username, email: `${username}@example.org`, passwordHash: "x" });
    await expect(taken).rejects.toMatchObject({ code: "USERNAME_TAKEN" });
    await Db.transaction(async () => {
      await Db.afterCommit(async () => void steps.push("rolled back"));
      await User.setRoles(member.id, ["admin"]);
      throw new Error("taken back");
    }).catch(() => undefined);
    await Db.afterCommit(async () => void steps.push("committed"));
    return { store: { ...ANSWER, status: 409 } };
  });
  expect((await User.get(member.id)).roles).toEqual(["contributor", "verifier"]);
  expect(steps).toEqual(["committed"]);
  expect(await Idempotency.once(request, () => Promise.reject(new Error("not again")))).toMatchObject({ status: 409 });
});

test("a request that writes an event, sent twice with one idempotency key, is one commit, and its event is published once", async () => {
  const member = await platform.person();
  const { id } = (await member.post("/v1/tasks", task)).json;
  await member.post(`/v1/tasks/${String(id)}/claim`);
  await member.post(`/v1/tasks/${String(id)}/start`);
  const key = randomUUID();
  const complete = () => member.post(`/v1/tasks/${String(id)}/complete`, {}, withKey(key));
  const [first, second] = [await complete(), await complete()];
  expect([first.status, second.status, replayed(second)]).toEqual([201, 201, "true"]);
  const events =
    await platform.sql`select published_at from webhook_events where subject = ${`contribution:${String(first.json["id"])}`}`;
  expect(events).toHaveLength(1);
  expect(events[0]?.["published_at"]).not.toBeNull();
});

test("an error response to a request with an idempotency key is replayed too, and its partial work is rolled back", async () => {
  const [creator, winner, late] = [await platform.person(), await platform.person(), await platform.person()];
  const path = `/v1/tasks/${String((await creator.post("/v1/tasks", task)).json["id"])}/claim`;
  expect((await winner.post(path)).status).toBe(200);
  const key = randomUUID();
  const [first, second] = [
    await late.post(path, undefined, withKey(key)),
    await late.post(path, undefined, withKey(key)),
  ];
  expect([first.status, first.json["code"], replayed(first)]).toEqual([409, "TASK_NOT_OPEN", null]);
  expect([second.status, second.json["code"], replayed(second)]).toEqual([409, "TASK_NOT_OPEN", "true"]);
});

test("a caller with IDEMPOTENCY_RECORDS records gets further ones only for successful requests that are not safe to repeat", async () => {
  const member = await platform.person();
  Config.use({ ...platform.variables, IDEMPOTENCY_RECORDS: "3" });
  try {
    const body = { refresh_token: "x".repeat(43) };
    const address = "203.0.113.77";
    const records = () =>
      platform.sql`select response_status from idempotency_keys where scope = ${Idempotency.addressScope(address)}`;
    const ask = (path: string, sent: object) =>
      platform.request("POST", path, { body: sent, headers: withKey(randomUUID()), address });
    for (let sent = 0; sent < 5; sent += 1) expect((await ask("/v1/auth/refresh", body)).status).toBe(401);
    expect((await ask("/v1/auth/logout", body)).status).toBe(204);
    expect((await ask("/v1/auth/password-resets", { email: "unknown@example.org" })).status).toBe(202);
    expect((await records()).map((row) => row["response_status"])).toEqual([401, 401, 401]);
    const signedIn = await ask("/v1/auth/login", { email: member.email, password: member.password });
    expect([signedIn.status, (await records()).length]).toEqual([200, 4]);

    for (let sent = 0; sent < 5; sent += 1) {
      const path = `/v1/notifications/${randomUUID()}/read`;
      expect((await member.post(path, undefined, withKey(randomUUID()))).status).toBe(404);
    }
    const key = randomUUID();
    const [first, second] = [
      await member.post("/v1/tasks", task, withKey(key)),
      await member.post("/v1/tasks", task, withKey(key)),
    ];
    expect([first.status, replayed(second)]).toEqual([201, "true"]);
    const own = await platform.sql`select 1 from idempotency_keys where scope = ${Idempotency.userScope(member.id)}`;
    expect(own).toHaveLength(4);
  } finally {
    Config.use(platform.variables);
  }
});

test("a 400 response does not use up the idempotency key: the corrected body may use it", async () => {
  const member = await platform.person();
  const key = randomUUID();
  expect((await member.post("/v1/tasks", { ...task, difficulty: "none" }, withKey(key))).status).toBe(400);
  expect((await member.post("/v1/tasks", task, withKey(key))).status).toBe(201);
});

test("a server error stores no response: a retry with the same idempotency key does the work", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const key = randomUUID();
  const submit = () =>
    member.post(
      `/v1/contributions/${contributionId}/evidence`,
      gpsReading({ location: { lat: 1, lon: 2 } }),
      withKey(key),
    );
  const body = gpsReading({ location: { lat: 1, lon: 2 } });
  await platform.sql`alter table webhook_events rename to webhook_events_away`;
  const path = `/v1/contributions/${contributionId}/evidence`;
  try {
    expect((await member.post(path, body, withKey(key))).status).toBe(500);
  } finally {
    await platform.sql`alter table webhook_events_away rename to webhook_events`;
  }
  const pieces = () => platform.sql`select 1 from evidence where contribution_id = ${contributionId}`;
  expect(await pieces()).toHaveLength(0);
  expect([(await member.post(path, body, withKey(key))).status, (await pieces()).length]).toEqual([201, 1]);
  expect((await submit()).status).toBe(422);
});

test("registering twice with one idempotency key creates one account, and no token is stored in plain text", async () => {
  const tag = randomUUID().slice(0, 8);
  const account = { username: `u-${tag}`, email: `m.${tag}@example.org`, password: freshPassword() };
  const register = () =>
    platform.request("POST", "/v1/auth/register", { body: account, headers: withKey(`reg-${tag}`) });
  const [first, second] = [await register(), await register()];
  expect([first.status, second.status, replayed(second)]).toEqual([201, 201, "true"]);
  expect(second.json).toEqual(first.json);
  const [row] = await platform.sql`select * from idempotency_keys where key = ${`reg-${tag}`}`;
  const text = JSON.stringify(row);
  const secrets = [first.json["access_token"], first.json["refresh_token"], account.password, account.email].map(
    String,
  );
  for (const secret of secrets) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret).toString("base64").slice(0, 20));
  }
});

test("a stolen refresh token that is sent with an idempotency key still revokes the session", async () => {
  const member = await platform.person();
  const refresh = (token: string, key: string) =>
    platform.request("POST", "/v1/auth/refresh", { body: { refresh_token: token }, headers: withKey(key) });
  const next = await refresh(member.refreshToken, randomUUID());
  const back = Clock.set(() => new Date(Date.now() + 60_000));
  try {
    expect((await refresh(member.refreshToken, randomUUID())).status).toBe(401);
    expect((await refresh(String(next.json["refresh_token"]), randomUUID())).status).toBe(401);
  } finally {
    back();
  }
});

test("an idempotency record survives a rotation of the signing key and expires after 24 hours", async () => {
  const member = await platform.person();
  const key = randomUUID();
  const request = { scope: Idempotency.userScope(member.id), key, method: "POST", path: "/x", body: "{}" };
  const answer = { status: 201, headers: { "content-type": "application/json" }, body: '{"a":1}' };
  const work = async () => ({ store: answer }) as const;
  expect(await Idempotency.once(request, work)).toBeUndefined();
  const { JWT_KEY = "" } = platform.variables;
  Config.use({ ...platform.variables, JWT_KEY: "another key of at least 32 characters", JWT_KEY_PREVIOUS: JWT_KEY });
  expect(await Idempotency.once(request, work)).toEqual(answer);
  Config.use(platform.variables);
  const back = Clock.set(() => new Date(Date.now() + 25 * 3_600_000));
  try {
    expect(await Idempotency.once(request, work)).toBeUndefined();
    await StoredResponses.removeExpired(1_000);
  } finally {
    back();
  }
  expect(await platform.sql`select key from idempotency_keys`).toEqual([{ key }]);
});

test("a malformed idempotency key gets 400, and a key does not change the 401 of a request without a token", async () => {
  const member = await platform.person();
  for (const key of ["x".repeat(256), "with space", "é"]) {
    const answer = await member.post("/v1/tasks", task, withKey(key));
    expect([answer.status, answer.json["code"]]).toEqual([400, "VALIDATION_FAILED"]);
  }
  const stranger = await platform.request("POST", "/v1/tasks", { body: task, headers: withKey("k") });
  expect(stranger.status).toBe(401);
});
