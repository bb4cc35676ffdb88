import * as v from "valibot";
import { expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Acceptance } from "@gotong/core/domain/invitation/accept.ts";
import { Claims } from "@gotong/core/domain/task/index.ts";
import { type Outgoing, Queue } from "@gotong/core/platform/queue/index.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
const HOUR_MS = 3_600_000;
const Armed = v.object({ not_before: v.optional(v.string()) });

async function makeTask(creator: Person, more: object = {}): Promise<string> {
  const answer = await creator.post("/v1/tasks", taskInput(more));
  expect(answer.status, JSON.stringify(answer.json)).toBe(201);
  return `/v1/tasks/${String(answer.json["id"])}`;
}

async function people(count: number): Promise<Person[]> {
  const made: Person[] = [];
  while (made.length < count)
    made.push(
      ...(await Promise.all(Array.from({ length: Math.min(20, count - made.length) }, () => platform.person()))),
    );
  return made;
}

const outcome = (answer: Answer) => (answer.status < 300 ? String(answer.json["status"]) : problem(answer));
const itemsOf = (list: Answer["json"] | undefined): Answer["json"][] => (Array.isArray(list) ? list : []);
const placesOf = (task: Answer["json"]) =>
  itemsOf(task["assignees"]).map((place) => [place["user"]?.["id"], place["status"]]);
const contributionsOf = async (person: Person, path: string) =>
  (await person.get(`/v1/contributions?task=${path.slice(10)}`)).json["data"];

/** Runs `run` with the clock set `hours` later. */
async function after<T>(hours: number, run: () => Promise<T>): Promise<T> {
  const restore = Clock.set(() => new Date(Date.now() + hours * HOUR_MS));
  try {
    return await run();
  } finally {
    restore();
  }
}

test("of 200 concurrent claims for 20 places in a task, exactly 20 succeed and 180 get a conflict", async () => {
  const [creator, ...members] = await people(201);
  if (!creator) throw new Error("no creator");
  const path = await makeTask(creator, { people_needed: 20 });
  const answers = await Promise.all(members.map((member) => member.post(`${path}/claim`)));
  const counts = Map.groupBy(answers, ({ status }) => status);
  expect(Object.fromEntries([...counts].map(([status, of]) => [status, of.length]))).toEqual({ 200: 20, 409: 180 });
  const task = (await creator.get(path)).json;
  expect(task).toMatchObject({ status: "assigned", places_left: 0, people_needed: 20, assignee: null });
  const winners = members.filter((_, index) => answers[index]?.status === 200).map(({ id }) => id);
  expect(new Set(placesOf(task).map(([id]) => id))).toEqual(new Set(winners));
});

test("assignees of one task start, complete and leave it independently, and each completion creates a contribution", async () => {
  const [creator, ani, budi, citra] = [
    await platform.person(),
    await platform.person(),
    await platform.person(),
    await platform.person(),
  ];
  const path = await makeTask(creator, { people_needed: 2 });
  const claimed = await ani.post(`${path}/claim`);
  expect(claimed.json).toMatchObject({ status: "open", places_left: 1, assignee_id: null });
  expect(problem(await ani.post(`${path}/claim`))).toBe("409 INVALID_TASK_STATE");
  expect(problem(await ani.post(`${path}/complete`))).toBe("409 INVALID_TASK_STATE");
  expect(outcome(await ani.post(`${path}/start`))).toBe("open");
  expect(problem(await ani.post(`${path}/start`))).toBe("409 INVALID_TASK_STATE");
  expect(outcome(await budi.post(`${path}/claim`))).toBe("in_progress");
  expect(problem(await citra.post(`${path}/claim`))).toBe("409 TASK_NOT_OPEN");
  expect(problem(await citra.post(`${path}/start`))).toBe("403 FORBIDDEN");
  expect(problem(await citra.post(`${path}/unassign`))).toBe("409 INVALID_TASK_STATE");
  expect(problem(await citra.post(`${path}/unassign`, { user_id: ani.id }))).toBe("403 FORBIDDEN");

  expect(outcome(await budi.post(`${path}/unassign`))).toBe("open");
  expect(outcome(await creator.post(`${path}/assign`, { user_id: citra.id }))).toBe("in_progress");
  expect(outcome(await creator.post(`${path}/unassign`, { user_id: citra.id }))).toBe("open");
  expect(outcome(await citra.post(`${path}/claim`))).toBe("in_progress");

  const first = await ani.post(`${path}/complete`, { title: "The left side" });
  expect(first.status).toBe(201);
  expect(problem(await ani.post(`${path}/complete`))).toBe("409 INVALID_TASK_STATE");
  expect(outcome(await citra.post(`${path}/start`))).toBe("in_progress");
  expect((await creator.get(path)).json).toMatchObject({ completed_at: null, cancelled_at: null });
  expect((await citra.post(`${path}/complete`)).status).toBe(201);
  const task = (await creator.get(path)).json;
  expect(task).toMatchObject({ status: "completed", places_left: 0, cancelled_at: null });
  expect(task["completed_at"]).toMatch(/Z$/);
  expect(placesOf(task)).toEqual([
    [ani.id, "completed"],
    [citra.id, "completed"],
  ]);
  expect(await contributionsOf(creator, path)).toMatchObject([
    { user_id: citra.id, title: "Task" },
    { user_id: ani.id, title: "The left side" },
  ]);
});

test("the filter assignee=me finds tasks for one person and for several people, even if other members have places in them", async () => {
  const [creator, ani, budi] = [await platform.person(), await platform.person(), await platform.person()];
  const [alone, together, cancelled] = [
    await makeTask(creator),
    await makeTask(creator, { people_needed: 3 }),
    await makeTask(creator),
  ];
  await ani.post(`${alone}/claim`);
  await ani.post(`${cancelled}/claim`);
  await creator.post(`${cancelled}/cancel`);
  for (const person of [budi, ani]) await person.post(`${together}/claim`);
  const listed = async (query: string) =>
    itemsOf((await ani.get(`/v1/tasks?${query}`)).json["data"]).map((task) => task["id"]);
  const all = [cancelled, together, alone].map((path) => path.slice(10));
  expect(await listed("assignee=me")).toEqual(all);
  expect(await listed(`assignee=${ani.id}&status=open,assigned`)).toEqual(all.slice(1));
  await ani.post(`${together}/unassign`);
  expect(await listed("assignee=me&status=open,assigned")).toEqual(all.slice(2));
});

test("a creator may close a task for several people before all places are taken, and its assignees complete it", async () => {
  const [creator, ani, budi] = [await platform.person(), await platform.person(), await platform.person()];
  const path = await makeTask(creator, { people_needed: 5 });
  expect(problem(await creator.post(`${path}/close`))).toBe("409 INVALID_TASK_STATE");
  await ani.post(`${path}/claim`);
  expect(problem(await ani.post(`${path}/close`))).toBe("403 FORBIDDEN");
  expect(outcome(await creator.post(`${path}/close`))).toBe("assigned");
  expect(problem(await budi.post(`${path}/claim`))).toBe("409 TASK_NOT_OPEN");
  expect(outcome(await ani.post(`${path}/start`))).toBe("in_progress");
  await ani.post(`${path}/complete`);
  expect((await creator.get(path)).json).toMatchObject({ status: "completed", people_needed: 5 });
  expect(problem(await creator.post(`${path}/close`))).toBe("409 INVALID_TASK_STATE");
  expect(problem(await creator.post(`${await makeTask(creator)}/close`))).toBe("409 INVALID_TASK_STATE");

  const other = await makeTask(creator, { people_needed: 5 });
  await ani.post(`${other}/claim`);
  await creator.post(`${other}/close`);
  expect(outcome(await ani.post(`${other}/unassign`)), "closed without people: open again").toBe("open");
});

test("cancelling a task for several people ends every assignment, and no member can claim, start or complete it afterwards", async () => {
  const [creator, ani] = [await platform.person(), await platform.person()];
  const path = await makeTask(creator, { people_needed: 2 });
  await ani.post(`${path}/claim`);
  expect(outcome(await creator.post(`${path}/cancel`))).toBe("cancelled");
  const task = (await creator.get(path)).json;
  expect(task).toMatchObject({ completed_at: null, cancelled_at: expect.stringMatching(/Z$/) });
  expect(problem(await ani.post(`${path}/claim`))).toBe("409 TASK_NOT_OPEN");
  expect(problem(await ani.post(`${path}/start`))).toBe("403 FORBIDDEN");
  const rows = await platform.sql`select ended_as from task_assignments where task_id = ${path.slice(10)}`;
  expect(rows.map((row) => row["ended_as"])).toEqual(["cancelled"]);
});

test("a member has at most CLAIM_LIMIT claimed tasks at a time, even with concurrent claims", async () => {
  const [creator, member] = [await platform.person(), await platform.person()];
  Config.use({ ...platform.variables, CLAIM_LIMIT: "3" });
  try {
    const paths: string[] = [];
    for (let made = 0; made < 8; made += 1) paths.push(await makeTask(creator, made % 2 ? { people_needed: 2 } : {}));
    const answers = await Promise.all(paths.map((path) => member.post(`${path}/claim`)));
    const outcomes = answers.map((answer) => (answer.status === 200 ? "200" : problem(answer)));
    const counts = Map.groupBy(outcomes, (one) => one);
    expect(counts.get("200")).toHaveLength(3);
    expect(counts.get("422 RULE_VIOLATED")).toHaveLength(5);
    const [taken] = paths.filter((_, index) => answers[index]?.status === 200);
    const [free] = paths.filter((_, index) => answers[index]?.status !== 200);
    await member.post(`${String(taken)}/unassign`);
    expect((await member.post(`${String(free)}/claim`)).status, "a place given back").toBe(200);
  } finally {
    Config.use(platform.variables);
  }
});

test("a claim that is not started in time expires and frees its place, in tasks for one person and for several people", async () => {
  const [creator, ani, budi] = [await platform.person(), await platform.person(), await platform.person()];
  for (const more of [{}, { people_needed: 2 }]) {
    const path = await makeTask(creator, { claim_hours: 2, ...more });
    const claimed = await ani.post(`${path}/claim`);
    expect(claimed.json["assignees"]?.[0]?.["claim_expires_at"]).toMatch(/Z$/);
    await after(1.9, () => Claims.expire());
    expect(placesOf((await ani.get(path)).json)).toEqual([[ani.id, "assigned"]]);
    await after(2.1, () => Claims.expire());
    expect((await ani.get(path)).json).toMatchObject({ status: "open", assignee: null, assignees: [] });
    const rows = await platform.sql`select ended_as from task_assignments where task_id = ${path.slice(10)}`;
    expect(rows.map((row) => row["ended_as"])).toEqual(["expired"]);
    expect((await budi.post(`${path}/claim`)).status).toBe(200);
    await budi.post(`${path}/start`);
    await after(9, () => Claims.expire());
    expect(placesOf((await ani.get(path)).json), "a claim that was begun stays").toEqual([[budi.id, "in_progress"]]);
  }
});

test("a place is free once its claim has expired, before any sweep, and each claim schedules a sweep", async () => {
  const [creator, ani, budi] = [await platform.person(), await platform.person(), await platform.person()];
  const path = await makeTask(creator, { claim_hours: 1 });
  await ani.post(`${path}/claim`);
  await platform.sql`update task_assignments set claim_expires_at = now() - interval '1 second' where task_id = ${path.slice(10)}`;
  const sent: Outgoing[] = [];
  const real = Queue.get();
  Queue.use({
    ...real,
    send: async (queue, message) => {
      if (queue === "sweep") sent.push(message);
      await real.send(queue, message);
    },
  });
  try {
    expect((await budi.post(`${path}/claim`)).json).toMatchObject({ assignee_id: budi.id });
  } finally {
    Queue.use(real);
  }
  const dueTimes = sent.flatMap(({ body }) => v.parse(Armed, JSON.parse(body)).not_before ?? []);
  expect(dueTimes).toHaveLength(1);
  const [row] = await platform.sql`select claim_expires_at from task_assignments where user_id = ${budi.id}`;
  expect(Date.parse(dueTimes[0] ?? "")).toBeGreaterThanOrEqual(Number(row?.["claim_expires_at"]) - 1000);
});

test("the completion of a weekly task publishes the next task once, with times a week later", async () => {
  const [creator, ani] = [await platform.person(), await platform.person()];
  const admin = await platform.person(["admin"]);
  const skill = await admin.post("/v1/skills", { name: `Drains ${creator.id}`, category: "craft" });
  const [starts_at, ends_at] = [1, 3].map((hours) => new Date(Date.now() + hours * HOUR_MS));
  const path = await makeTask(creator, {
    people_needed: 2,
    repeats: "weekly",
    starts_at,
    ends_at,
    skill_ids: [skill.json["id"]],
  });
  await ani.post(`${path}/claim`);
  await creator.post(`${path}/close`);
  await ani.post(`${path}/start`);
  expect((await ani.post(`${path}/complete`)).status).toBe(201);
  const mine = await creator.get("/v1/tasks?creator=me");
  const week = 7 * 24 * HOUR_MS;
  expect(mine.json["data"]).toMatchObject([
    {
      repeat_of: path.slice(10),
      repeats: "weekly",
      status: "open",
      people_needed: 2,
      places_left: 2,
      skill_ids: [skill.json["id"]],
      starts_at: new Date((starts_at?.getTime() ?? 0) + week).toISOString(),
      ends_at: new Date((ends_at?.getTime() ?? 0) + week).toISOString(),
    },
    { id: path.slice(10), status: "completed", repeat_of: null },
  ]);
  const next = `/v1/tasks/${String(mine.json["data"]?.[0]?.["id"])}`;
  await creator.post(`${next}/cancel`);
  expect((await creator.get("/v1/tasks?creator=me")).json["data"], "cancelling ends the series").toHaveLength(2);
});

test("invalid times and numbers of people of a task are rejected, and so is a change of a task that a member has begun", async () => {
  const creator = await platform.person();
  const refused = async (more: object) => problem(await creator.post("/v1/tasks", taskInput(more)));
  const [early, late] = ["2027-01-01T08:00:00Z", "2027-01-01T09:00:00Z"];
  expect(await refused({ people_needed: 0 })).toBe("400 VALIDATION_FAILED people_needed:too_small");
  expect(await refused({ people_needed: 101 })).toBe("400 VALIDATION_FAILED people_needed:too_large");
  expect(await refused({ people_needed: 1.5 })).toMatch(/^400 VALIDATION_FAILED people_needed:/);
  expect(await refused({ starts_at: late, ends_at: early })).toBe("400 VALIDATION_FAILED ends_at:too_small");
  expect(await refused({ repeats: "daily" })).toMatch(/^400 VALIDATION_FAILED repeats:/);
  const path = await makeTask(creator, { starts_at: late });
  expect(problem(await creator.send("PATCH", path, { ends_at: early }))).toBe(
    "400 VALIDATION_FAILED ends_at:too_small",
  );
  expect((await creator.send("PATCH", path, { starts_at: null, ends_at: early, people_needed: 2 })).json).toMatchObject(
    {
      starts_at: null,
      people_needed: 2,
    },
  );
  await creator.post(`${path}/claim`);
  expect(problem(await creator.send("PATCH", path, { people_needed: 3 }))).toBe("409 INVALID_TASK_STATE");
  await creator.post(`${path}/start`);
  expect(problem(await creator.send("PATCH", path, { title: "Other" })), "a member has begun").toBe(
    "409 INVALID_TASK_STATE",
  );
});

test("a member's deletion frees their places in tasks, and members with places finish the task of a deleted creator", async () => {
  const [creator, ani, budi] = [await platform.person(), await platform.person(), await platform.person()];
  const path = await makeTask(creator, { people_needed: 3, location: "Market", repeats: "weekly" });
  for (const person of [ani, budi]) await person.post(`${path}/claim`);
  await ani.send("DELETE", "/v1/me", { password: ani.password });
  expect((await budi.get(path)).json).toMatchObject({ status: "open", places_left: 2 });
  await creator.send("DELETE", "/v1/me", { password: creator.password });
  expect((await budi.get(path)).json).toMatchObject({ status: "assigned", places_left: 0, location: "Market" });
  await budi.post(`${path}/start`);
  expect((await budi.post(`${path}/complete`)).status).toBe(201);
  expect((await budi.get(path)).json).toMatchObject({ status: "completed", location: null });
  expect((await budi.get(`/v1/tasks?creator=${creator.id}`)).json["data"], "no next one").toHaveLength(1);
});

test("a hidden task for several people hides its title from members without a place", async () => {
  const [creator, ani, other] = [await platform.person(), await platform.person(), await platform.person()];
  const admin = await platform.person(["admin"]);
  const path = await makeTask(creator, { people_needed: 2 });
  await ani.post(`${path}/claim`);
  await admin.post(`${path.replace("/v1/", "/v1/admin/")}/hide`, { reason: "It names a child." });
  expect((await ani.get(path)).status).toBe(200);
  expect((await other.get(path)).status).toBe(404);
  expect(problem(await ani.post(`${path}/start`))).toBe("409 CONTENT_HIDDEN");
  expect((await ani.post(`${path}/unassign`)).status).toBe(200);
});

const deletion = (member: Person) => () => member.send("DELETE", "/v1/me", { password: member.password });

/** Starts the acts one after another while a row is locked, so that each waits at its own lock; then releases the row. */
async function inOrder(table: string, id: string, acts: readonly (() => Promise<Answer | undefined>)[]) {
  const running: Promise<Answer | undefined>[] = [];
  await platform.sql.begin(async (tx) => {
    await tx`select from ${tx(table)} where id = ${id} for update`;
    for (const act of acts) {
      running.push(act());
      const waiting = await until(
        () =>
          platform.sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        ({ length }) => length === running.length,
      );
      expect(waiting).toHaveLength(running.length);
    }
  });
  return (await Promise.all(running)).map((answer) => answer?.status);
}

test("a request that notifies a member and the deletion of that member's account do not deadlock", async () => {
  const creator = await platform.person();
  for (const [steps, path] of [
    ["cancel", await makeTask(creator, { people_needed: 2 })],
    ["cancel", await makeTask(creator)],
    ["unassign", await makeTask(creator)],
    ["unassign", await makeTask(creator, { people_needed: 2 })],
    ["expire", await makeTask(creator, { claim_hours: 2 })],
  ] as const) {
    const member = await platform.person();
    await member.post(`${path}/claim`);
    const act = async () => {
      if (steps !== "expire") return creator.post(`${path}/${steps}`, steps === "cancel" ? {} : { user_id: member.id });
      // Moves the expiry of the claim instead of the clock, since a later clock would expire the deleted member's
      // access token.
      await platform.sql`update task_assignments set claim_expires_at = now() where task_id = ${path.slice(10)}`;
      await Claims.expire(path.slice(10));
      return undefined;
    };
    const done = await inOrder("tasks", path.slice(10), [act, deletion(member)]);
    expect(done, steps).toEqual([steps === "expire" ? undefined : 200, 204]);
  }

  const [reporter, admin, inviter] = [
    await platform.person(),
    await platform.person(["admin"]),
    await platform.person(["admin"]),
  ];
  const report = await reporter.post(`${await makeTask(creator)}/reports`, { reason: "spam" });
  const reportId = String(report.json["id"]);
  const resolve = () => admin.post(`/v1/admin/reports/${reportId}/resolve`, { outcome: "dismissed" });
  expect(await inOrder("reports", reportId, [resolve, deletion(reporter)])).toEqual([200, 204]);

  const email = `guest.${Id.uuid()}@example.org`;
  const invitation = await inviter.post("/v1/invitations", { email });
  const open = { id: String(invitation.json["id"]), email, isLink: false, invitedBy: inviter.id };
  const accept = async () => {
    const run = () => Db.transaction(() => Acceptance.accept(open, creator.id));
    await Actor.run({ type: "public" }, Id.uuid(), run);
    return undefined;
  };
  expect(await inOrder("invitations", open.id, [accept, deletion(inviter)])).toEqual([undefined, 204]);
});

test("the deletion of a member and a block by the creator of their task do not deadlock", async () => {
  const [creator, member] = (await people(2)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (!creator || !member) throw new Error("too few members");
  const path = await makeTask(creator, { people_needed: 2 });
  await member.post(`${path}/claim`);
  const block = () => creator.send("PUT", `/v1/me/blocks/${member.id}`);
  expect(await inOrder("tasks", path.slice(10), [deletion(member), block])).toEqual([204, 404]);
});

test("a claim that waits for a change of the task's start gets its reminder from the new start", async () => {
  const [creator, ani] = [await platform.person(), await platform.person()];
  const path = await makeTask(creator);
  const startsAt = new Date(Date.now() + 9 * 86_400_000);
  const move = () => creator.send("PATCH", path, { starts_at: startsAt.toISOString() });
  expect(await inOrder("tasks", path.slice(10), [move, () => ani.post(`${path}/claim`)])).toEqual([200, 200]);
  const [row] = await platform.sql`select remind_at from task_assignments where task_id = ${path.slice(10)}`;
  expect(row?.["remind_at"]).toEqual(new Date(startsAt.getTime() - 86_400_000));
});
