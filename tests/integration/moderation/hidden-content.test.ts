import { beforeAll, expect, test } from "vitest";
import { REQUESTS } from "@gotong/api/openapi/examples.ts";
import { OPERATIONS } from "@gotong/api/openapi/operations.ts";
import { type Route, allRoutes } from "@gotong/api/openapi/routes.ts";
import { examine } from "@gotong/core/domain/evidence/examine.ts";
import { EvidenceQueue } from "@gotong/core/domain/evidence/index.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, photograph, put, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
const reason = { reason: "It names where a child lives." };
let admin: Person;

beforeAll(async () => {
  admin = await platform.person(["admin"]);
});

const id = (answer: Answer): string => {
  expect(answer.status, JSON.stringify(answer.json)).toBeLessThan(300);
  return String(answer.json["id"]);
};
const taskOf = async (person: Person, title = "Task", description = "") =>
  id(await person.post("/v1/tasks", taskInput({ title, description })));
const directOf = async (person: Person, title = "Direct") =>
  id(await person.post("/v1/contributions", { contribution_type: "custom", title }));
const now = () => new Date().toISOString();
const reading = { evidence_type: "gps_verification", proof: { timestamp: now(), location: { lat: -7, lon: 110 } } };
const witness = (name: string) => ({
  evidence_type: "witness_attestation",
  proof: { timestamp: now(), witnesses: [{ witness_name: name }] },
});
const add = async (person: Person, contributionId: string, piece: object) =>
  id(await person.post(`/v1/contributions/${contributionId}/evidence`, piece));
const hide = (path: string, by = admin) => by.post(`/v1/admin/${path}/hide`, reason);
const unhide = (path: string, by = admin) => by.post(`/v1/admin/${path}/unhide`);

test("every route shows hidden content only to its owner and admins, and rejects requests to act on it", async () => {
  const canary = "zebrafinch";
  const [owner, stranger] = [await platform.person(), await platform.person()];
  const verifier = await platform.person(["verifier"]);
  const ids = {
    task_id: await taskOf(owner, canary, canary),
    contribution_id: await directOf(owner, canary),
    evidence_id: await add(owner, await directOf(owner, "Shown"), witness(canary)),
    user_id: owner.id,
  };
  const [shown] = await platform.sql`select contribution_id from evidence where id = ${ids.evidence_id}`;
  const lists = [
    `/v1/tasks?q=${canary}`,
    `/v1/tasks?creator=${owner.id}&status=open&difficulty=easy`,
    `/v1/contributions?user=${owner.id}&status=pending`,
    `/v1/contributions/${String(shown?.["contribution_id"])}`,
  ];
  const routes = await allRoutes();
  const fill = ({ path }: Route) =>
    path.replaceAll(
      /:(\w+)/g,
      (whole, name: string) => Object.entries(ids).find(([known]) => known === name)?.[1] ?? whole,
    );
  const reads = routes
    .filter(({ method, path }) => method === "GET" && path.startsWith("/v1/") && !path.startsWith("/v1/admin/"))
    .map(fill);
  const steps = routes.filter(
    ({ method, path }) => method !== "GET" && /^\/v1\/(tasks|contributions|evidence)\/:/.test(path),
  );
  expect([reads.length > 10, steps.length > 8]).toEqual([true, true]);

  const texts = async (person: Person) => {
    const all: Record<string, string> = {};
    for (const path of [...reads, ...lists])
      all[path] = await (await platform.raw("GET", path, { token: person.token })).text();
    return all;
  };
  const isShown = (text: string) =>
    [canary, ids.task_id, ids.contribution_id, ids.evidence_id].some((secret) => text.includes(secret));
  const pathsThatShow = async (person: Person) =>
    Object.entries(await texts(person)).flatMap(([path, text]) => (isShown(text) ? [path] : []));
  // The first search proves that the test reads the right fields, and fills the cache of lists.
  expect((await pathsThatShow(stranger)).length).toBeGreaterThan(6);

  for (const path of [`tasks/${ids.task_id}`, `contributions/${ids.contribution_id}`, `evidence/${ids.evidence_id}`])
    expect((await hide(path)).status).toBe(200);
  expect(await pathsThatShow(stranger)).toEqual([]);
  expect(await pathsThatShow(verifier)).toEqual([]);
  for (const person of [stranger, verifier]) {
    const answers: Record<string, string> = {};
    for (const route of steps) {
      const operation = OPERATIONS[`${route.method} ${route.path}`]?.id ?? "";
      const body = operation === "submitEvidence" ? reading : REQUESTS[operation];
      answers[`${route.method} ${route.path}`] = problem(await person.send(route.method, fill(route), body));
    }
    const forbidden = person === stranger ? ["POST /v1/contributions/:contribution_id/verifications"] : [];
    for (const [route, answer] of Object.entries(answers))
      expect(answer, route).toBe(forbidden.includes(route) ? "403 FORBIDDEN" : "404 NOT_FOUND");
  }

  for (const person of [owner, admin])
    for (const path of [
      `/v1/tasks/${ids.task_id}`,
      `/v1/contributions/${ids.contribution_id}`,
      `/v1/evidence/${ids.evidence_id}`,
    ]) {
      const { status, json } = await person.get(path);
      expect([status, json["hidden"]?.["reason"]], path).toEqual([200, reason.reason]);
      expect(Date.parse(String(json["hidden"]?.["at"]))).toBeGreaterThan(Date.now() - 60_000);
    }
  for (const path of [`tasks/${ids.task_id}`, `contributions/${ids.contribution_id}`, `evidence/${ids.evidence_id}`])
    expect((await unhide(path)).json).toMatchObject({ hidden: null });
  expect((await pathsThatShow(stranger)).length).toBeGreaterThan(6);
});

test("a hidden task cannot be worked on, but its creator can cancel it and its assignee can unassign themselves", async () => {
  const [creator, assignee] = [await platform.person(), await platform.person()];
  const path = `/v1/tasks/${await taskOf(creator)}`;
  await hide(path.slice(4));
  const hidden = "409 CONTENT_HIDDEN";
  expect(problem(await creator.post(`${path}/claim`))).toBe(hidden);
  expect(problem(await creator.post(`${path}/assign`, { user_id: assignee.id }))).toBe(hidden);
  expect(problem(await admin.post(`${path}/claim`))).toBe(hidden);
  expect((await creator.send("PATCH", path, { title: "Without the address" })).status).toBe(200);
  await unhide(path.slice(4));
  expect((await assignee.post(`${path}/claim`)).status).toBe(200);
  await hide(path.slice(4));
  expect(problem(await assignee.post(`${path}/start`))).toBe(hidden);
  await unhide(path.slice(4));
  await assignee.post(`${path}/start`);
  await hide(path.slice(4));
  expect(problem(await assignee.post(`${path}/complete`))).toBe(hidden);
  expect((await assignee.post(`${path}/unassign`)).status).toBe(200);
  expect(problem(await assignee.get(path))).toBe("404 NOT_FOUND");
  expect((await creator.post(`${path}/cancel`)).status).toBe(200);
});

test("a hidden contribution accepts no evidence, upload or vote, and does not show its evidence", async () => {
  const [owner, stranger] = [await platform.person(), await platform.person()];
  const judge = await platform.person(["verifier", "admin"]);
  const contributionId = await contributionOf(owner);
  const piece = await add(owner, contributionId, reading);
  await hide(`contributions/${contributionId}`);
  const path = `/v1/contributions/${contributionId}`;
  expect(problem(await owner.post(`${path}/evidence`, reading))).toBe("409 CONTENT_HIDDEN");
  expect(problem(await owner.post(`${path}/uploads`, photograph().declared))).toBe("409 CONTENT_HIDDEN");
  expect(problem(await judge.post(`${path}/verifications`, { outcome: "approved" }))).toBe("409 CONTENT_HIDDEN");
  expect(problem(await stranger.get(`/v1/evidence/${piece}`))).toBe("404 NOT_FOUND");
  expect((await owner.get(`/v1/evidence/${piece}`)).status).toBe(200);
  await unhide(`contributions/${contributionId}`);
  expect((await stranger.get(`/v1/evidence/${piece}`)).status).toBe(200);
});

test("hidden evidence does not count, causes no finding, and cannot be downloaded by verifiers or the owner", async () => {
  const [owner, helper] = [await platform.person(), await platform.person()];
  const verifier = await platform.person(["verifier"]);
  const contributionId = await contributionOf(owner);
  const photo = photograph();
  const ticket = await helper.post(`/v1/contributions/${contributionId}/uploads`, photo.declared);
  await put(ticket, photo.bytes);
  const pictured = await add(helper, contributionId, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: photo.timestamp, media_hash: photo.declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  await hide(`evidence/${pictured}`);
  // The examination of hidden evidence waits until the evidence is shown again, and is not enqueued before.
  expect(await examine(pictured)).toBe("unchanged");
  expect(await EvidenceQueue.enqueueOverdue(0)).toEqual({ sent: 0, more: false });
  await unhide(`evidence/${pictured}`);
  expect(await EvidenceQueue.enqueueOverdue(0)).toEqual({ sent: 1, more: true });
  expect(await examine(pictured)).toBe("awaiting_consent");
  expect((await owner.post(`/v1/evidence/${pictured}/consent`, { accept: true })).status).toBe(200);

  const score = async () => (await owner.get(`/v1/contributions/${contributionId}`)).json["quality_score"]?.valueOf();
  expect(await score()).toBe(0.7);
  await hide(`evidence/${pictured}`);
  expect(await score()).toBe(0.5);
  for (const person of [owner, verifier])
    expect(problem(await person.get(`/v1/evidence/${pictured}/download`))).toBe("404 NOT_FOUND");
  for (const person of [helper, admin])
    expect((await person.get(`/v1/evidence/${pictured}/download`)).status).toBe(200);
  // The EXIF place of the hidden picture is far away. It causes no finding, since hidden evidence is not compared.
  const near = await add(owner, contributionId, reading);
  expect((await owner.get(`/v1/evidence/${near}`)).json["details"]?.["findings"]).toEqual([]);
});

test("each hide is audited with its reason, a second hide replaces the reason, and admins cannot unhide content of their own", async () => {
  const [owner, second] = [await platform.person(["admin"]), await platform.person(["admin"])];
  const path = `tasks/${await taskOf(owner)}`;
  await hide(path, second);
  const again = await second.post(`/v1/admin/${path}/hide`, { reason: "It is spam." });
  expect(again.json["hidden"]?.["reason"]).toBe("It is spam.");
  expect(problem(await unhide(path, owner))).toBe("403 FORBIDDEN");
  expect((await unhide(path, second)).status).toBe(200);
  const rows = await platform.sql`
    select actor_id, action, details from audit_log where target_id = ${path.slice(6)} order by id`;
  expect(rows.map((row) => [row["actor_id"], row["action"], row["details"]])).toEqual([
    [second.id, "task.hide", reason],
    [second.id, "task.hide", { reason: "It is spam." }],
    [second.id, "task.unhide", {}],
  ]);
  for (const kind of ["tasks", "contributions", "evidence"]) {
    expect(problem(await hide(`${kind}/${owner.id}`))).toBe("404 NOT_FOUND");
    expect(problem(await admin.post(`/v1/admin/${kind}/${owner.id}/hide`, { reason: " " }))).toBe(
      "400 VALIDATION_FAILED reason:too_short",
    );
  }
});

test("a claim that waits for a concurrent hide of its task is rejected, and the task stays unassigned", async () => {
  const [creator, member] = [await platform.person(), await platform.person()];
  const taskId = await taskOf(creator);
  let claim: Promise<Answer> | undefined;
  await platform.sql.begin(async (tx) => {
    await tx`update tasks set hidden_at = now(), hidden_reason = 'spam', hidden_by = ${admin.id} where id = ${taskId}`;
    claim = member.post(`/v1/tasks/${taskId}/claim`);
    await until(
      async () =>
        (
          await platform.sql`
          select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        ).length,
      (waiting) => waiting > 0,
    );
  });
  expect(claim && problem(await claim)).toBe("404 NOT_FOUND");
  const [row] = await platform.sql`select status, assignee_id from tasks where id = ${taskId}`;
  expect(row).toEqual({ status: "open", assignee_id: null });
});

test("a concurrent hide and claim run one after another, and the history matches the task", async () => {
  const creator = await platform.person();
  const seen = new Set<string>();
  for (let round = 0; round < 10; round += 1) {
    const [member, taskId] = [await platform.person(), await taskOf(creator)];
    const asks = [() => hide(`tasks/${taskId}`), () => member.post(`/v1/tasks/${taskId}/claim`)];
    const answers = await Promise.all((round % 2 === 0 ? asks : asks.toReversed()).map((ask) => ask()));
    const [hiding, claim] = round % 2 === 0 ? answers : answers.toReversed();
    expect(hiding?.status).toBe(200);
    expect(claim?.status).toBeOneOf([200, 404]);
    const [row] = await platform.sql`
      select status, hidden_at is not null as hidden, (select count(*)::int from task_assignments a where a.task_id = t.id) as assignments
      from tasks t where id = ${taskId}`;
    const won = claim?.status === 200;
    expect(row).toEqual({ status: won ? "assigned" : "open", hidden: true, assignments: won ? 1 : 0 });
    seen.add(String(claim?.status));
  }
  expect(seen.size).toBeGreaterThan(0);
});

test("a hidden task for several people stays visible to its assignees, and to no other member", async () => {
  const [creator, helper, former, stranger] = [
    await platform.person(),
    await platform.person(),
    await platform.person(),
    await platform.person(),
  ];
  const path = `/v1/tasks/${id(await creator.post("/v1/tasks", taskInput({ people_needed: 3 })))}`;
  for (const person of [helper, former]) expect((await person.post(`${path}/claim`)).status).toBe(200);
  expect((await former.post(`${path}/unassign`)).status).toBe(200);
  expect((await hide(path.slice("/v1/".length))).status).toBe(200);
  const statuses = [];
  for (const person of [creator, helper, admin, former, stranger]) statuses.push((await person.get(path)).status);
  expect(statuses).toEqual([200, 200, 200, 404, 404]);
  expect((await platform.request("GET", path)).status).toBe(401);
});
