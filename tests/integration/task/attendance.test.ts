import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { Reminders } from "@gotong/core/domain/task/reminders.ts";
import { runBatch } from "@gotong/workers/batch.ts";
import { sweep } from "@gotong/workers/sweep/process.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

async function makeTask(creator: Person, more: object = {}): Promise<string> {
  const answer = await creator.post("/v1/tasks", taskInput(more));
  expect(answer.status, JSON.stringify(answer.json)).toBe(201);
  return `/v1/tasks/${String(answer.json["id"])}`;
}

/** Runs `run` with the clock set `hours` later. */
async function after<T>(hours: number, run: () => Promise<T>): Promise<T> {
  const restore = Clock.set(() => new Date(Date.now() + hours * HOUR_MS));
  try {
    return await run();
  } finally {
    restore();
  }
}

/**
 * Sets the beginning of a task to one hour ago, and moves its claims and give-backs two hours back. A later clock would
 * expire the access tokens.
 */
async function begin(path: string): Promise<void> {
  const { sql } = platform;
  await sql`update tasks set starts_at = now() - interval '1 hour' where id = ${path.slice(10)}`;
  await sql`update task_assignments set assigned_at = assigned_at - interval '2 hours', ended_at = ended_at - interval '2 hours'
    where task_id = ${path.slice(10)}`;
}
const people = async (count: number) => Promise.all(Array.from({ length: count }, () => platform.person()));
const itemsOf = ({ json }: Answer): Answer["json"][] => (Array.isArray(json["data"]) ? json["data"] : []);
const kindsOf = async (person: Person) => itemsOf(await person.get("/v1/notifications")).map((one) => one["kind"]);
const mark = (by: Person, path: string, of: Person, wasPresent = true) =>
  by.post(`${path}/attendance`, { user_id: of.id, was_present: wasPresent });
const asSystem = <T>(work: () => Promise<T>) => Actor.run({ type: "system", name: "test" }, randomUUID(), work);
const remind = () => asSystem(() => Reminders.run());

test("the creator marks who came; only the creator, admins and the member can see a member's number of absences", async () => {
  const [creator, ani, budi, stranger] = await people(4);
  const admin = await platform.person(["admin"]);
  if (!creator || !ani || !budi || !stranger) throw new Error("no people");
  const path = await makeTask(creator, { people_needed: 3, starts_at: inHours(48) });
  for (const member of [ani, budi]) await member.post(`${path}/claim`);
  expect(problem(await mark(creator, path, ani))).toBe("409 INVALID_TASK_STATE");
  await begin(path);
  expect((await mark(creator, path, ani)).json).toMatchObject({ was_present: true, absences: 0 });
  const absent = await mark(creator, path, budi, false);
  expect(absent.json).toMatchObject({ user: { id: budi.id }, was_present: false, marked_by: { id: creator.id } });
  expect(absent.json).toMatchObject({ status: "assigned", absences: 1 });
  expect((await mark(creator, path, budi, false)).status, "again").toBe(200);
  expect(problem(await mark(creator, path, stranger))).toBe("400 VALIDATION_FAILED user_id:unknown_reference");
  expect(problem(await mark(stranger, path, ani))).toBe("403 FORBIDDEN");
  expect(problem(await mark(budi, path, ani))).toBe("403 FORBIDDEN");
  const seen = async (person: Person) =>
    itemsOf(await person.get(`${path}/attendance`)).map((one) => [one["was_present"], one["absences"]]);
  expect(await seen(creator)).toEqual([
    [true, 0],
    [false, 1],
  ]);
  expect(await seen(admin)).toEqual(await seen(creator));
  expect(await seen(ani), "of others a member sees no number").toEqual([
    [true, 0],
    [false, null],
  ]);
  expect(problem(await stranger.get(`${path}/attendance`))).toBe("403 FORBIDDEN");
  const first = await creator.get(`${path}/attendance?limit=1`);
  const second = await creator.get(`${path}/attendance?cursor=${String(first.json["next_cursor"])}`);
  expect([...itemsOf(first), ...itemsOf(second)].map((one) => one["user"]?.["id"])).toEqual([ani.id, budi.id]);
  expect(await kindsOf(budi)).toEqual(["marked_absent"]);
  expect(await kindsOf(ani)).toEqual([]);
  for (const answer of [await stranger.get(path), await stranger.get(`/v1/users/${budi.id}`)])
    expect(JSON.stringify(answer.json)).not.toMatch(/absen|present/);

  const next = await makeTask(creator);
  await budi.post(`${next}/claim`);
  expect(itemsOf(await creator.get(`${next}/attendance`)), "before he comes to the next one").toMatchObject([
    { user: { id: budi.id }, was_present: null, absences: 1 },
  ]);
  expect((await mark(creator, path, budi)).json, "a mark can be changed").toMatchObject({ absences: 0 });
  await mark(creator, path, budi, false);
  await platform.sql`update task_assignments set marked_at = now() - interval '366 days' where user_id = ${budi.id} and was_present = false`;
  expect(itemsOf(await creator.get(`${path}/attendance`)), "a year later").toMatchObject([{}, { absences: 0 }]);
});

test("an assignee who has started may mark only others, only as present, and may not change another member's mark", async () => {
  const [creator, ani, budi, citra] = await people(4);
  if (!creator || !ani || !budi || !citra) throw new Error("no people");
  const path = await makeTask(creator, { people_needed: 3 });
  for (const member of [ani, budi, citra]) await member.post(`${path}/claim`);
  expect(problem(await mark(ani, path, budi)), "not begun").toBe("403 FORBIDDEN");
  await ani.post(`${path}/start`);
  expect((await mark(ani, path, budi)).json).toMatchObject({ was_present: true, absences: null });
  expect(problem(await mark(ani, path, budi, false))).toBe("403 FORBIDDEN");
  expect((await mark(creator, path, citra, false)).status).toBe(200);
  expect(problem(await mark(ani, path, citra)), "the creator's mark").toBe("403 FORBIDDEN");
  expect(problem(await mark(ani, path, ani))).toBe("422 RULE_VIOLATED");
  await creator.post(`${await makeTask(creator)}/claim`);
  const own = await makeTask(creator);
  await creator.post(`${own}/claim`);
  expect(problem(await mark(creator, own, creator))).toBe("422 RULE_VIOLATED");
  await platform.sql`update task_assignments set was_present = false, marked_by = ${creator.id}, marked_at = now() where user_id = ${ani.id}`;
  expect((await ani.send("DELETE", "/v1/me", { password: ani.password })).status).toBe(204);
  expect(
    await platform.sql`select was_present from task_assignments where user_id = ${ani.id} and was_present is not null`,
  ).toEqual([]);
  expect(problem(await mark(creator, path, ani, false)), "a deleted member").toBe(
    "400 VALIDATION_FAILED user_id:unknown_reference",
  );
});

test("a member who cannot come gives the place back, and can be marked as absent only if they report it after the beginning", async () => {
  const [creator, ani, budi] = await people(3);
  if (!creator || !ani || !budi) throw new Error("no people");
  for (const more of [{}, { people_needed: 2 }]) {
    const path = await makeTask(creator, { ...more, starts_at: inHours(48) });
    expect(problem(await ani.post(`${path}/cannot-come`))).toBe("403 FORBIDDEN");
    await ani.post(`${path}/claim`);
    expect((await ani.post(`${path}/cannot-come`, { reason: "My child is ill." })).json).toMatchObject({
      status: "open",
      assignees: [],
    });
    expect(itemsOf(await budi.get(`${path}/comments`))).toMatchObject([
      { kind: "cannot_come", text: "My child is ill.", author_id: ani.id },
    ]);
    expect((await budi.post(`${path}/claim`)).status).toBe(200);
    expect(itemsOf(await creator.get(`${path}/attendance`)).map((one) => one["user"]?.["id"])).toEqual([budi.id]);
    await begin(path);
    expect(problem(await mark(creator, path, ani, false)), "in time").toBe(
      "400 VALIDATION_FAILED user_id:unknown_reference",
    );
    expect((await budi.post(`${path}/cannot-come`)).status).toBe(200);
    expect((await mark(creator, path, budi, false)).json).toMatchObject({
      status: "cannot_come",
      was_present: false,
    });
    expect((await ani.post(`${path}/claim`)).status).toBe(200);
    await ani.post(`${path}/start`);
    expect(problem(await ani.post(`${path}/cannot-come`))).toBe("409 INVALID_TASK_STATE");
  }
  expect((await kindsOf(creator)).filter((kind) => String(kind) === "cannot_come")).toHaveLength(4);
  const ended =
    await platform.sql`select ended_as from task_assignments where user_id = ${ani.id} and ended_at is not null`;
  expect(ended.map((row) => row["ended_as"])).toEqual(["cannot_come", "cannot_come"]);
});

test("members of a task are reminded once a day before and once an hour before it begins, even if its time is changed", async () => {
  const [creator, ani, budi, citra] = await people(4);
  if (!creator || !ani || !budi || !citra) throw new Error("no people");
  await remind(); // sends the due reminders of tasks of other tests
  const path = await makeTask(creator, { people_needed: 3, starts_at: inHours(48) });
  for (const member of [ani, budi, citra]) await member.post(`${path}/claim`);
  await citra.post(`${path}/start`);
  const next = await remind();
  expect(next?.getTime()).toBeLessThanOrEqual(Date.now() + 24 * HOUR_MS);
  expect(await kindsOf(ani), "too early").toEqual([]);
  await after(24.1, async () => {
    await Promise.all([remind(), remind(), remind()]);
    await remind();
  });
  expect(await kindsOf(ani)).toEqual(["task_tomorrow"]);
  await creator.send("PATCH", path, { starts_at: inHours(72) });
  expect((await creator.get(path)).json["starts_at"], "begun: not changed").not.toBe(inHours(72));
  await budi.post(`${path}/cannot-come`);
  await after(47.5, remind);
  await after(47.9, remind);
  await after(49, remind);
  expect(await kindsOf(ani)).toEqual(["task_soon", "task_tomorrow"]);
  expect(await kindsOf(budi)).toEqual(["task_tomorrow"]);
  expect(await kindsOf(citra), "has started").toEqual([]);

  const moved = await makeTask(creator, { starts_at: inHours(100) });
  await budi.post(`${moved}/claim`);
  expect((await creator.send("PATCH", moved, { starts_at: inHours(20) })).status).toBe(200);
  await after(0.5, remind);
  expect(await kindsOf(budi), "in 20 hours").toEqual(["task_tomorrow"]);
  await after(19.5, remind);
  expect(await kindsOf(budi)).toEqual(["task_soon", "task_tomorrow"]);
  await after(30, remind);
  expect(await kindsOf(budi)).toHaveLength(2);
});

test("a sweep schedules the next sweep for the time of the next reminder", async () => {
  const [creator, ani] = await people(2);
  if (!creator || !ani) throw new Error("no people");
  await platform.sql`update task_assignments set remind_at = null`;
  await platform.sql`delete from timers where name = 'reminders'`;
  const path = await makeTask(creator, { starts_at: inHours(48) });
  await ani.post(`${path}/claim`);
  const sent: string[] = [];
  const Timed = v.object({ not_before: v.string() });
  const real = Queue.get();
  Queue.use({
    ...real,
    send: async (_queue, message) => {
      const timed = v.safeParse(Timed, JSON.parse(message.body));
      if (timed.success) sent.push(timed.output.not_before);
    },
  });
  try {
    const body = Queue.toBody({ armed_at: new Date().toISOString() });
    for (const messageId of ["1", "2", "3"])
      await runBatch(sweep, [{ messageId, receiptHandle: "r", body, receiveCount: 1 }]);
  } finally {
    Queue.use(real);
  }
  const [timer] = await platform.sql<{ at: Date }[]>`select armed_for as at from timers where name = 'reminders'`;
  const [assignment] = await platform.sql<
    { at: Date }[]
  >`select remind_at as at from task_assignments where task_id = ${path.slice(10)}`;
  expect(timer?.at.getTime()).toBe(assignment?.at.getTime());
  const isForIt = (at: string) => Math.abs(Date.parse(at) - (timer?.at.getTime() ?? 0)) < 2_000;
  expect(sent.filter(isForIt), "one message for three sweeps").toHaveLength(1);
});

test("the number of attendance marks that a member sets in a day is limited", async () => {
  const [creator, ani] = await people(2);
  if (!creator || !ani) throw new Error("no people");
  const path = await makeTask(creator);
  await ani.post(`${path}/claim`);
  Config.use({ ...platform.variables, ASSIGNMENT_LIMIT_PER_DAY: "3" });
  try {
    const answers: number[] = [];
    for (const wasPresent of [true, false, true, false])
      answers.push((await mark(creator, path, ani, wasPresent)).status);
    expect(answers).toEqual([200, 200, 200, 429]);
    expect((await mark(creator, path, ani)).status, "what changes nothing is free").toBe(200);
  } finally {
    Config.use(platform.variables);
  }
});

test("a creator whom a member has blocked can mark this member only as present; an admin can also mark the member as absent", async () => {
  const [creator, ani] = await people(2);
  const admin = await platform.person(["admin"]);
  if (!creator || !ani) throw new Error("no people");
  const path = await makeTask(creator);
  await ani.post(`${path}/claim`);
  await ani.send("PUT", `/v1/me/blocks/${creator.id}`);
  expect(problem(await mark(creator, path, ani, false))).toBe("403 FORBIDDEN");
  expect((await mark(creator, path, ani, true)).status).toBe(200);
  expect((await mark(admin, path, ani, false)).status).toBe(200);
});

test("one member's acts notify another member at most NOTIFICATION_LIMIT_PER_DAY times a day with each kind of notification", async () => {
  const [creator, ani, budi] = await people(3);
  if (!creator || !ani || !budi) throw new Error("no people");
  const path = await makeTask(creator);
  Config.use({ ...platform.variables, NOTIFICATION_LIMIT_PER_DAY: "2" });
  try {
    for (let round = 0; round < 4; round += 1)
      for (const step of ["claim", "unassign"]) expect((await ani.post(`${path}/${step}`)).status, step).toBe(200);
    expect((await kindsOf(creator)).map(String).toSorted()).toEqual([
      "task_claimed",
      "task_claimed",
      "task_given_back",
      "task_given_back",
    ]);
    await budi.post(`${path}/claim`);
    expect(await kindsOf(creator), "of another member").toHaveLength(5);
    for (const wasPresent of [false, true, false, true, false]) await mark(creator, path, budi, wasPresent);
    expect(await kindsOf(budi)).toEqual(["marked_absent", "marked_absent"]);
    await ani.post(`${path}/comments`, { text: "Another kind" });
    expect((await kindsOf(creator)).filter((kind) => String(kind) === "comment_received")).toHaveLength(1);
    await platform.sql`update notifications set id = overlay(id::text placing '01900000-0000' from 1 for 13)::uuid where user_id = ${creator.id}`;
    await ani.post(`${await makeTask(creator)}/claim`);
    expect(
      (await kindsOf(creator)).filter((kind) => String(kind) === "task_claimed"),
      "a day later",
    ).toHaveLength(4);
  } finally {
    Config.use(platform.variables);
  }
});

test("attendance cannot be marked on a hidden task until the task is shown again", async () => {
  const [creator, ani] = [await platform.person(), await platform.person()];
  const admin = await platform.person(["admin"]);
  const path = await makeTask(creator);
  await ani.post(`${path}/claim`);
  const underAdmin = path.replace("/v1/", "/v1/admin/");
  await admin.post(`${underAdmin}/hide`, { reason: "It names a child." });
  for (const by of [creator, admin]) expect(problem(await mark(by, path, ani, false))).toBe("409 CONTENT_HIDDEN");
  expect(problem(await mark(ani, path, creator))).toBe("403 FORBIDDEN");
  await admin.post(`${underAdmin}/unhide`);
  expect((await mark(creator, path, ani, false)).status).toBe(200);
  expect(await kindsOf(ani)).toContain("marked_absent");
});
