import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { gpsReading, taskInput } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });

async function skill(): Promise<string> {
  const admin = await platform.person(["admin"]);
  return String((await admin.post("/v1/skills", { name: `S ${randomUUID()}`, category: "test" })).json["id"]);
}

async function submitGps(person: Person, contributionId: string): Promise<void> {
  const answer = await person.post(
    `/v1/contributions/${contributionId}/evidence`,
    gpsReading({ location: { lat: -6.123456, lon: 107.654321 } }),
  );
  expect(answer.status, JSON.stringify(answer.json)).toBe(201);
}

test("a member changes name, bio and skills, others see the changes, and a taken username is rejected", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const skillId = await skill();
  const name = `n-${randomUUID().slice(0, 8)}`;
  const changed = await member.send("PATCH", "/v1/me", {
    username: name.toUpperCase(),
    bio: "Digs.",
    skill_ids: [skillId],
  });
  expect(changed.json).toMatchObject({ username: name, bio: "Digs.", skill_ids: [skillId], email: member.email });
  const seen = await other.get(`/v1/users/${member.id}`);
  expect(seen.json).toMatchObject({ username: name, bio: "Digs.", skill_ids: [skillId] });
  expect(seen.json).not.toHaveProperty("email");
  expect((await member.send("PATCH", "/v1/me", { bio: null, skill_ids: [] })).json).toMatchObject({
    username: name,
    bio: null,
    skill_ids: [],
  });
  const refused = async (body: object) => problem(await other.send("PATCH", "/v1/me", body));
  expect(await refused({ username: name })).toBe("409 USERNAME_TAKEN");
  expect(await refused({ roles: ["admin"] })).toBe("400 VALIDATION_FAILED roles:unknown_field");
  expect(await refused({ email: "x@example.org" })).toBe("400 VALIDATION_FAILED email:unknown_field");
  expect(await refused({ username: "no" })).toBe("400 VALIDATION_FAILED username:format");
  expect(await refused({ bio: "x".repeat(1001) })).toBe("400 VALIDATION_FAILED bio:too_long");
  expect(await refused({ bio: "kept?", skill_ids: [randomUUID()] })).toBe(
    "400 VALIDATION_FAILED skill_ids.0:unknown_reference",
  );
  expect((await other.get("/v1/me")).json["bio"]).toBeNull();
});

test("the export contains all data of the member as JSON, but no secrets and no data of other members", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(member);
  await submitGps(member, contributionId);
  await member.post("/v1/vouches", { vouchee_id: other.id, message: "Reliable." });
  await other.post("/v1/vouches", { vouchee_id: member.id });
  const others = await contributionOf(other);
  const verifier = await platform.person(["verifier"]);
  await verifier.post(`/v1/contributions/${contributionId}/verifications`, { outcome: "approved" });
  await submitGps(other, others);
  const answer = await member.get("/v1/me/export");
  expect(answer.headers.get("content-disposition")).toContain("attachment");
  expect(answer.json).toMatchObject({
    user: { id: member.id, email: member.email },
    tasks_created: [{ creator_id: member.id, status: "completed" }],
    task_assignments: [{ ended_as: "completed" }],
    contributions: [{ id: contributionId }],
    evidence: [{ contribution_id: contributionId, latitude: -6.123456 }],
    uploads: [],
    witness_of: [],
    verifications: [],
    verifications_received: [{ contribution_id: contributionId, outcome: "approved" }],
    events: [{ event_type: "contribution_created" }, { event_type: "por_evidence" }, { event_type: "vouch_submitted" }],
    vouches_given: [{ vouchee_id: other.id, message: "Reliable." }],
    vouches_received: [{ voucher_id: other.id }],
    reputation: null,
    sessions: [{ revoked_at: null }],
  });
  const text = JSON.stringify(answer.json);
  expect(text).not.toContain(others);
  expect(text).not.toContain(other.email);
  expect(text).not.toMatch(/argon2|token_hash|password/i);
  expect(text).not.toContain(member.refreshToken);
  const audited = await platform.sql`select action from audit_log where actor_id = ${member.id}`;
  expect(audited.map((row) => row["action"])).toEqual(["user.register", "user.export"]);
});

test("after a member's deletion, their name and e-mail address are erased, every token is invalid, and contributions remain", async () => {
  const [member, other, creator] = [await platform.person(), await platform.person(), await platform.person()];
  const skillId = await skill();
  await member.send("PATCH", "/v1/me", { bio: "A private life", skill_ids: [skillId] });
  const name = String((await member.get("/v1/me")).json["username"]);
  const contributionId = await contributionOf(member);
  await submitGps(member, contributionId);
  await other.post(`/v1/contributions/${contributionId}/evidence`, {
    evidence_type: "witness_attestation",
    proof: { timestamp: new Date().toISOString(), witnesses: [{ witness_name: "Ibu Canary", witness_id: creator.id }] },
  });
  const own = await member.post("/v1/tasks", {
    title: "At my home",
    description: "",
    difficulty: "easy",
    location: "Jalan Canary 7",
    coordinates: { lat: -6.5, lon: 107.5 },
  });
  const claimed = await creator.post("/v1/tasks", taskInput({ title: "Claimed" }));
  await member.post(`/v1/tasks/${String(claimed.json["id"])}/claim`);
  await member.post(`/v1/tasks/${String(claimed.json["id"])}/start`);

  expect((await member.send("DELETE", "/v1/me", { password: member.password })).status).toBe(204);

  expect(problem(await member.get("/v1/me"))).toBe("401 UNAUTHENTICATED");
  const refresh = { body: { refresh_token: member.refreshToken } };
  expect(problem(await platform.request("POST", "/v1/auth/refresh", refresh))).toBe("401 INVALID_REFRESH_TOKEN");
  const login = { body: { email: member.email, password: member.password } };
  expect(problem(await platform.request("POST", "/v1/auth/login", login))).toBe("401 INVALID_CREDENTIALS");
  expect(problem(await other.get(`/v1/users/${member.id}`))).toBe("404 NOT_FOUND");
  expect((await other.get(`/v1/contributions/${contributionId}`)).json).toMatchObject({ user_id: member.id });
  expect((await other.get(`/v1/tasks/${String(own.json["id"])}`)).json).toMatchObject({
    status: "cancelled",
    location: null,
    coordinates: null,
  });
  expect((await other.get(`/v1/tasks/${String(claimed.json["id"])}`)).json).toMatchObject({
    status: "open",
    assignee_id: null,
    started_at: null,
  });
  const rows = await platform.sql`select * from users where id = ${member.id}`;
  const text = JSON.stringify(rows);
  for (const trace of [name, member.email, "private life", "argon2"]) expect(text).not.toContain(trace);
  const skills = await platform.sql`select 1 from user_skills where user_id = ${member.id}`;
  expect(skills).toHaveLength(0);
  const register = (username: string) =>
    platform.request("POST", "/v1/auth/register", {
      body: { username, email: member.email, password: "another calm river" },
    });
  expect(problem(await register(name))).toBe("409 USERNAME_TAKEN");
  expect((await register(`${name}-2`)).status).toBe(201);
  await creator.send("DELETE", "/v1/me", { password: creator.password });
  expect(JSON.stringify(await platform.sql`select * from witnesses`)).not.toContain("Ibu Canary");
});

test("a registered name like the names of deleted members prevents no deletion; a deleted member cannot be a witness", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const bare = member.id.replaceAll("-", "");
  for (const username of [`deleted-${bare}`, `deleted-${bare.slice(0, 16)}`, `deleted-${bare.slice(16)}`])
    await platform.request("POST", "/v1/auth/register", {
      body: { username, email: `${username}@deleted.invalid`, password: "another calm river" },
    });
  expect((await member.send("DELETE", "/v1/me", { password: member.password })).status).toBe(204);
  const evidence = await other.post(`/v1/contributions/${await contributionOf(other)}/evidence`, {
    evidence_type: "witness_attestation",
    proof: { timestamp: new Date().toISOString(), witnesses: [{ witness_name: "Gone", witness_id: member.id }] },
  });
  expect(problem(evidence)).toBe("400 VALIDATION_FAILED proof.witnesses.0.witness_id:unknown_reference");
});

const HOME = { location: "Jalan Canary 9", coordinates: { lat: -6.5, lon: 107.5 } };

/** Creates a task at the creator's home, which `worker` claims and starts. @returns the path of the task */
async function begun(creator: Person, worker: Person): Promise<string> {
  const task = await creator.post("/v1/tasks", taskInput({ title: "Begun", ...HOME }));
  const path = `/v1/tasks/${String(task.json["id"])}`;
  await worker.post(`${path}/claim`);
  expect((await worker.post(`${path}/start`)).status).toBe(200);
  return path;
}

test("a task in progress keeps its location after its creator's deletion, and is cancelled when the assignee leaves it", async () => {
  const [creator, worker, leaver] = [await platform.person(), await platform.person(), await platform.person()];
  const admin = await platform.person(["admin"]);
  const [done, cancelled, returned] = [
    await begun(creator, worker),
    await begun(creator, worker),
    await begun(creator, worker),
  ];
  const left = await begun(creator, leaver);
  await creator.send("DELETE", "/v1/me", { password: creator.password });
  expect((await worker.get(done)).json).toMatchObject({ status: "in_progress", ...HOME });
  expect((await worker.post(`${done}/complete`)).status).toBe(201);
  expect((await admin.post(`${cancelled}/cancel`)).json).toMatchObject({ status: "cancelled", location: null });
  expect((await worker.post(`${returned}/unassign`)).json).toMatchObject({ status: "cancelled", location: null });
  await leaver.send("DELETE", "/v1/me", { password: leaver.password });
  const shown = await Promise.all([done, cancelled, returned, left].map((path) => worker.get(path)));
  expect(shown.map((task) => task.json["status"])).toEqual(["completed", "cancelled", "cancelled", "cancelled"]);
  for (const task of shown) expect(task.json).toMatchObject({ location: null, coordinates: null });
  expect((await worker.get("/v1/tasks?q=Canary 9")).json["data"]).toEqual([]);
  const open =
    await platform.sql`select 1 from task_assignments where ended_at is null and task_id in ${platform.sql([done, cancelled, returned, left].map((path) => path.slice(10)))}`;
  expect(open).toHaveLength(0);
});

test("after a creator's deletion at any time, no open task lacks a creator and no finished task has a location", async () => {
  for (let round = 0; round < 8; round += 1) {
    const [creator, worker, leaver] = [await platform.person(), await platform.person(), await platform.person()];
    const [done, returned, left] = [
      await begun(creator, worker),
      await begun(creator, worker),
      await begun(creator, leaver),
    ];
    await begun(leaver, creator);
    const answers = await Promise.all([
      worker.post(`${done}/complete`),
      creator.send("DELETE", "/v1/me", { password: creator.password }),
      leaver.send("DELETE", "/v1/me", { password: leaver.password }),
      worker.post(`${returned}/unassign`),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([201, 204, 204, 200]);
    for (const path of [done, returned, left])
      expect((await worker.get(path)).json, `round ${round}`).toMatchObject({
        status: path === done ? "completed" : "cancelled",
        location: null,
        coordinates: null,
      });
  }
});

/** Runs `act` while the member is being deleted: the act starts before the deletion commits. */
async function whileDeleted<T>(member: Person, act: () => Promise<T>): Promise<T> {
  let acting: Promise<T> | undefined;
  await platform.sql.begin(async (tx) => {
    await tx`select 1 from users where id = ${member.id} for update`;
    acting = act();
    const waits = await until(
      () =>
        platform.sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      (rows) => rows.length > 0,
    );
    expect(waits).toHaveLength(1);
    await tx`update users set password_hash = null, deleted_at = now() where id = ${member.id}`;
  });
  if (!acting) throw new Error("nothing was done");
  return acting;
}

test("requests of a member who is being deleted, and assignments, vouches and attestations that name them, are rejected", async () => {
  const creator = await platform.person();
  const task = taskInput();
  const newTask = async () => `/v1/tasks/${String((await creator.post("/v1/tasks", task)).json["id"])}`;
  const [toClaim, toAssign, toStart] = [await newTask(), await newTask(), await newTask()];
  const starter = await platform.person();
  await starter.post(`${toStart}/claim`);
  const contribution = `/v1/contributions/${await contributionOf(creator)}`;
  const own: readonly ((member: Person) => Promise<Answer>)[] = [
    (member) => member.post(`${toClaim}/claim`),
    (member) => member.post("/v1/tasks", task),
    (member) => member.post("/v1/contributions", { contribution_type: "custom", title: "Late" }),
    (member) => member.post("/v1/vouches", { vouchee_id: creator.id }),
    (member) => member.send("PATCH", "/v1/me", { bio: "Still here" }),
    (member) => member.post(`${contribution}/evidence`, gpsReading()),
  ];
  for (const act of own) {
    const member = await platform.person();
    expect(problem(await whileDeleted(member, () => act(member)))).toBe("401 UNAUTHENTICATED");
  }
  const verifier = await platform.person(["verifier"]);
  const voted = () => verifier.post(`${contribution}/verifications`, { outcome: "approved" });
  expect(problem(await whileDeleted(verifier, voted))).toBe("401 UNAUTHENTICATED");
  expect(problem(await whileDeleted(starter, () => starter.post(`${toStart}/start`)))).toBe("401 UNAUTHENTICATED");
  const [assignee, vouchee] = [await platform.person(), await platform.person()];
  const assigned = await whileDeleted(assignee, () => creator.post(`${toAssign}/assign`, { user_id: assignee.id }));
  expect(problem(assigned)).toBe("400 VALIDATION_FAILED user_id:unknown_reference");
  const witness = await platform.person();
  const attested = await whileDeleted(witness, () =>
    creator.post(`${contribution}/evidence`, {
      evidence_type: "witness_attestation",
      proof: { timestamp: new Date().toISOString(), witnesses: [{ witness_name: "Gone", witness_id: witness.id }] },
    }),
  );
  expect(problem(attested)).toBe("400 VALIDATION_FAILED proof.witnesses.0.witness_id:unknown_reference");
  const vouched = await whileDeleted(vouchee, () => creator.post("/v1/vouches", { vouchee_id: vouchee.id }));
  expect(problem(vouched)).toBe("400 VALIDATION_FAILED vouchee_id:unknown_reference");
});

test("a deletion concurrent with a claim, assignment or vouch leaves the member no task and causes no deadlock", async () => {
  const paths: string[] = [];
  for (let round = 0; round < 8; round += 1) {
    const [member, other] = [await platform.person(), await platform.person()];
    const [claimed, given] = [await begun(other, member), await begun(other, member)];
    for (const path of [claimed, given]) await other.post(`${path}/unassign`);
    paths.push(claimed, given);
    const answers = await Promise.all([
      member.post(`${claimed}/claim`),
      other.post(`${given}/assign`, { user_id: member.id }),
      other.post("/v1/vouches", { vouchee_id: member.id }),
      member.post("/v1/vouches", { vouchee_id: other.id }),
      member.send("DELETE", "/v1/me", { password: member.password }),
      other.send("DELETE", "/v1/me", { password: other.password }),
    ]);
    for (const { status } of answers) expect([200, 201, 204, 400, 401, 409], `round ${round}`).toContain(status);
  }
  const left = await platform.sql`select t.id from tasks t join users u on u.id in (t.assignee_id, t.creator_id)
    where t.id in ${platform.sql(paths.map((path) => path.slice(10)))} and u.deleted_at is not null
    and (t.status = 'open' or (t.assignee_id = u.id and t.status in ('assigned', 'in_progress')))`;
  expect(left).toHaveLength(0);
});

test("an account's deletion that fails halfway changes nothing", async () => {
  const member = await platform.person();
  await platform.sql`alter table witnesses rename to witnesses_away`;
  try {
    expect(problem(await member.send("DELETE", "/v1/me", { password: member.password }))).toBe("500 INTERNAL");
  } finally {
    await platform.sql`alter table witnesses_away rename to witnesses`;
  }
  expect((await member.get("/v1/me")).json).toMatchObject({ email: member.email });
  const refresh = { body: { refresh_token: member.refreshToken } };
  expect((await platform.request("POST", "/v1/auth/refresh", refresh)).status).toBe(200);
});

test("no list shows other members an e-mail address or a GPS reading", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(member);
  await submitGps(member, contributionId);
  await member.post("/v1/vouches", { vouchee_id: other.id });
  const paths = [
    `/v1/users/${member.id}`,
    `/v1/users/${member.id}/contributions`,
    `/v1/users/${other.id}/vouches`,
    "/v1/tasks?limit=100",
    "/v1/contributions?limit=100",
    `/v1/contributions/${contributionId}`,
  ];
  for (const path of paths) {
    const answer = await other.get(path);
    expect(answer.status).toBe(200);
    const text = JSON.stringify(answer.json);
    for (const trace of [member.email, "6.123456", "107.654321", "password"]) expect(text, path).not.toContain(trace);
  }
  const admin = await platform.person(["admin"]);
  const events = JSON.stringify((await admin.get("/v1/admin/webhook-events?limit=100")).json);
  expect(events).toContain(contributionId);
  expect(events).not.toContain("6.123456");
  expect(platform.logs.join("\n")).not.toMatch(/6\.123456|107\.654321/);
});
