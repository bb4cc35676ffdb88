import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { taskInput } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });

async function makeTask(creator: Person, more: object = {}): Promise<string> {
  const answer = await creator.post("/v1/tasks", taskInput(more));
  expect(answer.status, JSON.stringify(answer.json)).toBe(201);
  return `/v1/tasks/${String(answer.json["id"])}`;
}

const outcome = (answer: Answer) => (answer.status < 300 ? String(answer.json["status"]) : problem(answer));

test("each step of a task is allowed exactly from the statuses in platform.md §2", async () => {
  const [creator, worker] = [await platform.person(), await platform.person()];
  const steps = {
    claim: (path: string) => worker.post(`${path}/claim`),
    assign: (path: string) => creator.post(`${path}/assign`, { user_id: worker.id }),
    unassign: (path: string) => creator.post(`${path}/unassign`),
    start: (path: string) => worker.post(`${path}/start`),
    complete: (path: string) => worker.post(`${path}/complete`),
    cancel: (path: string) => creator.post(`${path}/cancel`),
    change: (path: string) => creator.send("PATCH", path, { title: "Other" }),
  };
  const ways: Record<string, (keyof typeof steps)[]> = {
    open: [],
    assigned: ["claim"],
    in_progress: ["claim", "start"],
    completed: ["claim", "start", "complete"],
    cancelled: ["cancel"],
  };
  const allowed: Record<string, Record<string, string>> = {};
  for (const [state, way] of Object.entries(ways)) {
    allowed[state] = {};
    for (const [name, step] of Object.entries(steps)) {
      const path = await makeTask(creator);
      for (const before of way) await steps[before](path);
      const answer = await step(path);
      if (answer.status >= 300)
        expect(problem(answer)).toMatch(/^409 (TASK_NOT_OPEN|INVALID_TASK_STATE|FORBIDDEN)$|^403/);
      else allowed[state][name] = String((await creator.get(path)).json["status"]);
    }
  }
  expect(allowed).toEqual({
    open: { claim: "assigned", assign: "assigned", cancel: "cancelled", change: "open" },
    assigned: { unassign: "open", start: "in_progress", cancel: "cancelled", change: "assigned" },
    in_progress: { unassign: "open", complete: "completed", cancel: "cancelled" },
    completed: {},
    cancelled: {},
  });
});

test("creator and admins may assign, unassign, change and cancel a task; the assignee may only unassign; others may do nothing", async () => {
  const [creator, worker, other] = [await platform.person(), await platform.person(), await platform.person()];
  const admin = await platform.person(["admin"]);
  const path = await makeTask(creator);
  for (const person of [worker, other]) {
    expect(problem(await person.post(`${path}/assign`, { user_id: worker.id }))).toBe("403 FORBIDDEN");
    expect(problem(await person.post(`${path}/cancel`))).toBe("403 FORBIDDEN");
    expect(problem(await person.send("PATCH", path, { title: "Mine" }))).toBe("403 FORBIDDEN");
    expect(problem(await person.post(`${path}/unassign`))).toBe("403 FORBIDDEN");
  }
  expect(outcome(await admin.post(`${path}/assign`, { user_id: worker.id }))).toBe("assigned");
  expect(problem(await other.post(`${path}/unassign`))).toBe("403 FORBIDDEN");
  expect(outcome(await worker.post(`${path}/unassign`))).toBe("open");
  expect(problem(await worker.post(`${path}/unassign`))).toBe("403 FORBIDDEN");
  expect(outcome(await creator.post(`${path}/assign`, { user_id: other.id }))).toBe("assigned");
  expect(problem(await creator.post(`${path}/assign`, { user_id: worker.id }))).toBe("409 TASK_NOT_OPEN");
  expect(outcome(await other.post(`${path}/start`))).toBe("in_progress");
  expect(outcome(await admin.post(`${path}/unassign`))).toBe("open");
  expect(outcome(await admin.send("PATCH", path, { title: "Better" }))).toBe("open");
  expect(outcome(await admin.post(`${path}/cancel`))).toBe("cancelled");
  const history =
    await platform.sql`select user_id, assigned_by, ended_as from task_assignments where task_id = ${path.slice(10)} order by id`;
  expect(history.map((row) => [row["user_id"], row["assigned_by"], row["ended_as"]])).toEqual([
    [worker.id, admin.id, "unassigned"],
    [other.id, creator.id, "unassigned"],
  ]);
});

test("assigning a task to a missing or deleted member is rejected", async () => {
  const [creator, gone] = [await platform.person(), await platform.person()];
  const path = await makeTask(creator);
  await gone.send("DELETE", "/v1/me", { password: gone.password });
  for (const user_id of [randomUUID(), gone.id])
    expect(problem(await creator.post(`${path}/assign`, { user_id }))).toBe(
      "400 VALIDATION_FAILED user_id:unknown_reference",
    );
  expect(problem(await creator.post(`/v1/tasks/${randomUUID()}/assign`, { user_id: creator.id }))).toBe(
    "404 NOT_FOUND",
  );
});

test("an update of a task changes only the given fields, null clears a field, and unknown fields are rejected", async () => {
  const [creator, admin] = [await platform.person(), await platform.person(["admin"])];
  const skill = await admin.post("/v1/skills", { name: `Roofs ${randomUUID()}`, category: "craft" });
  const path = await makeTask(creator, {
    location: "Market",
    coordinates: { lat: -6.9, lon: 107.6 },
    estimated_hours: 2.5,
    metadata: { a: 1 },
  });
  const before = (await creator.get(path)).json;
  const { updated_at: _was, ...same } = before;
  const changed = await creator.send("PATCH", path, { title: " New ", skill_ids: [String(skill.json["id"])] });
  expect(changed.json).toMatchObject({ ...same, title: "New", skill_ids: [skill.json["id"]] });
  const emptied = { location: null, coordinates: null, estimated_hours: null, skill_ids: [], metadata: {} };
  expect((await creator.send("PATCH", path, emptied)).json).toMatchObject({ ...emptied, title: "New" });
  expect((await creator.send("PATCH", path, {})).status).toBe(200);
  const refused = async (body: object) => problem(await creator.send("PATCH", path, body));
  expect(await refused({ status: "completed" })).toBe("400 VALIDATION_FAILED status:unknown_field");
  expect(await refused({ title: null })).toMatch(/^400 VALIDATION_FAILED title:/);
  expect(await refused({ coordinates: { lat: 1 } })).toBe("400 VALIDATION_FAILED coordinates.lon:required");
  expect(await refused({ estimated_hours: 0.001 })).toBe("400 VALIDATION_FAILED estimated_hours:too_small");
  expect(await refused({ skill_ids: [randomUUID()] })).toBe("400 VALIDATION_FAILED skill_ids.0:unknown_reference");
  expect(await refused({ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [i, 0])) })).toBe(
    "400 VALIDATION_FAILED metadata:too_many",
  );
  expect(await refused({ metadata: { long: "x".repeat(16_384) } })).toBe("400 VALIDATION_FAILED metadata:too_long");
  expect(await refused({ skill_ids: Array.from({ length: 11 }, () => randomUUID()) })).toBe(
    "400 VALIDATION_FAILED skill_ids:too_many",
  );
});

test("only one of 200 concurrent claims of a task succeeds, 199 get a conflict, and one assignment is recorded", async () => {
  const creator = await platform.person();
  const members: Person[] = [];
  for (let made = 0; made < 10; made += 1)
    members.push(...(await Promise.all(Array.from({ length: 20 }, () => platform.person()))));
  const path = await makeTask(creator);
  const answers = await Promise.all(members.map((member) => member.post(`${path}/claim`)));
  const outcomes = Map.groupBy(answers, outcome);
  expect(Object.fromEntries([...outcomes].map(([name, of]) => [name, of.length]))).toEqual({
    assigned: 1,
    "409 TASK_NOT_OPEN": 199,
  });
  const winner = answers.find((answer) => answer.status === 200);
  const rows = await platform.sql`select user_id from task_assignments where task_id = ${path.slice(10)}`;
  expect(rows.map((row) => row["user_id"])).toEqual([winner?.json["assignee_id"]]);
});

test("a concurrent claim, assignment and cancellation of a task end in one status with a matching history", async () => {
  const [creator, worker, other] = [await platform.person(), await platform.person(), await platform.person()];
  for (let round = 0; round < 10; round += 1) {
    const path = await makeTask(creator);
    const answers = await Promise.all([
      worker.post(`${path}/claim`),
      creator.post(`${path}/assign`, { user_id: other.id }),
      creator.post(`${path}/cancel`),
    ]);
    expect(answers.filter((answer) => answer.status >= 500)).toEqual([]);
    const [row] =
      await platform.sql`select t.status, t.assignee_id, count(a.id)::int as all, count(a.id) filter (where a.ended_at is null)::int as open from tasks t left join task_assignments a on a.task_id = t.id where t.id = ${path.slice(10)} group by t.id`;
    expect(row?.["status"]).toBe("cancelled");
    expect(row?.["open"]).toBe(0);
    expect(Number(row?.["all"])).toBe(row?.["assignee_id"] === null ? 0 : 1);
  }
});
