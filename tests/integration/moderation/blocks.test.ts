import { randomUUID } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, photograph, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
afterEach(() => Config.use(platform.variables));

const block = (by: Person, whom: Person) => by.send("PUT", `/v1/me/blocks/${whom.id}`);
const unblock = (by: Person, whom: Person) => by.send("DELETE", `/v1/me/blocks/${whom.id}`);
const taskOf = async (person: Person) =>
  `/v1/tasks/${String((await person.post("/v1/tasks", taskInput({ title: "T" }))).json["id"])}`;
const vouch = (by: Person, whom: Person) => by.post("/v1/vouches", { vouchee_id: whom.id });
const witness = (whom?: Person) => ({
  evidence_type: "witness_attestation",
  proof: {
    timestamp: new Date().toISOString(),
    witnesses: [{ witness_name: "W", ...(whom ? { witness_id: whom.id } : {}) }],
  },
});

/** Sends every request of `from` towards `to` that a block prevents, each about a new object. */
async function acts(from: Person, to: Person): Promise<Record<string, Answer>> {
  const own = await taskOf(from);
  const theirs = `/v1/contributions/${await contributionOf(to)}`;
  return {
    claim: await from.post(`${await taskOf(to)}/claim`),
    assign: await from.post(`${own}/assign`, { user_id: to.id }),
    upload: await from.post(`${theirs}/uploads`, photograph().declared),
    evidence: await from.post(`${theirs}/evidence`, witness()),
    witness: await from.post(`/v1/contributions/${await contributionOf(from)}/evidence`, witness(to)),
    vouch: await vouch(from, to),
  };
}

test("a blocked member cannot act towards the blocker, the blocker can still act, and the response states no reason", async () => {
  const [blocker, blocked] = [await platform.person(), await platform.person()];
  const answer = await block(blocker, blocked);
  expect(answer.json).toEqual({
    user_id: blocked.id,
    username: expect.stringMatching(/^u-/),
    user: expect.objectContaining({ id: blocked.id, is_deleted: false }),
    created_at: expect.stringMatching(/Z$/),
  });
  const refused = await acts(blocked, blocker);
  for (const [act, refusal] of Object.entries(refused)) {
    expect(problem(refusal), act).toBe("403 FORBIDDEN");
    expect(JSON.stringify(refusal.json), act).not.toMatch(/block/i);
  }
  for (const [act, { status }] of Object.entries(await acts(blocker, blocked))) expect(status, act).toBeLessThan(300);
  // The block changes nothing else: the members see each other, and reports are accepted.
  expect((await blocked.get(`/v1/users/${blocker.id}`)).status).toBe(200);
  expect((await blocked.post(`/v1/users/${blocker.id}/reports`, { reason: "abuse" })).status).toBe(201);
  await unblock(blocker, blocked);
  for (const [act, { status }] of Object.entries(await acts(blocked, blocker))) expect(status, act).toBeLessThan(300);
});

test("a blocked verifier or admin may still vote and moderate, but may not act towards the blocker as a member", async () => {
  const blocker = await platform.person();
  const judge = await platform.person(["verifier", "admin"]);
  const other = await platform.person();
  await block(blocker, judge);
  const contributionId = await contributionOf(blocker);
  const vote = await judge.post(`/v1/contributions/${contributionId}/verifications`, { outcome: "rejected" });
  expect(vote.status).toBe(201);
  const theirs = await taskOf(other);
  expect((await judge.post(`${theirs}/assign`, { user_id: blocker.id })).status).toBe(200);
  expect((await judge.post(`/v1/admin/contributions/${contributionId}/hide`, { reason: "spam" })).status).toBe(200);
  expect((await judge.send("PUT", `/v1/admin/users/${blocker.id}/roles`, { roles: [] })).status).toBe(200);
  expect(problem(await judge.post(`${await taskOf(judge)}/assign`, { user_id: blocker.id }))).toBe("403 FORBIDDEN");
  expect(problem(await vouch(judge, blocker))).toBe("403 FORBIDDEN");
});

test("work in progress continues after a block, and the creator can unassign the blocked assignee", async () => {
  const [creator, assignee] = [await platform.person(), await platform.person()];
  const [finished, returned] = [await taskOf(creator), await taskOf(creator)];
  for (const task of [finished, returned]) await assignee.post(`${task}/claim`);
  await block(creator, assignee);
  expect((await assignee.post(`${finished}/start`)).status).toBe(200);
  expect((await assignee.post(`${finished}/complete`)).status).toBe(201);
  expect((await creator.post(`${returned}/unassign`)).status).toBe(200);
  expect(problem(await assignee.post(`${returned}/claim`))).toBe("403 FORBIDDEN");
});

test("only the blocker sees their blocks; a repeated block has no effect; self-blocks and blocks over the limit are rejected", async () => {
  const [blocker, a, b, c] = [
    await platform.person(),
    await platform.person(),
    await platform.person(),
    await platform.person(),
  ];
  const first = await block(blocker, a);
  await block(blocker, b);
  expect((await block(blocker, a)).json).toEqual(first.json);
  const page = await blocker.get("/v1/me/blocks?limit=1");
  expect(page.json["data"]).toMatchObject([{ user_id: b.id }]);
  const rest = await blocker.get(`/v1/me/blocks?limit=1&cursor=${String(page.json["next_cursor"])}`);
  expect(rest.json).toMatchObject({ data: [{ user_id: a.id }], next_cursor: null });
  expect((await a.get("/v1/me/blocks")).json["data"]).toEqual([]);
  expect(problem(await block(blocker, blocker))).toBe("422 RULE_VIOLATED");
  expect(problem(await blocker.send("PUT", `/v1/me/blocks/${randomUUID()}`))).toBe("404 NOT_FOUND");
  expect((await blocker.send("DELETE", `/v1/me/blocks/${randomUUID()}`)).status).toBe(204);
  Config.use({ ...platform.variables, BLOCK_LIMIT: "2" });
  expect(problem(await block(blocker, c))).toBe("422 RULE_VIOLATED");
  expect((await block(blocker, b)).status).toBe(200);
  await unblock(blocker, a);
  const answers = await Promise.all([block(blocker, a), block(blocker, c)]);
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 422]);
});

test("a block waits for a vouch in progress, and a vouch that waits for a block is rejected", async () => {
  const [blocker, blocked] = [await platform.person(), await platform.person()];
  const isWaiting = async () =>
    (
      await platform.sql`
        select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    ).length > 0;
  let waiting: Promise<Answer> | undefined;
  // Locks the vouchee's row in `users` as the transaction of a vouch does.
  await platform.sql.begin(async (tx) => {
    await tx`select 1 from users where id = ${blocker.id} for key share`;
    waiting = block(blocker, blocked);
    expect(await until(isWaiting, (is) => is)).toBe(true);
    expect(await platform.sql`select 1 from blocks where blocker_id = ${blocker.id}`).toHaveLength(0);
  });
  expect((await waiting)?.status).toBe(200);
  await unblock(blocker, blocked);
  await platform.sql.begin(async (tx) => {
    await tx`select 1 from users where id = ${blocker.id} for update`;
    await tx`insert into blocks (id, blocker_id, blocked_id) values (gen_random_uuid(), ${blocker.id}, ${blocked.id})`;
    waiting = vouch(blocked, blocker);
    expect(await until(isWaiting, (is) => is)).toBe(true);
  });
  expect(waiting && problem(await waiting)).toBe("403 FORBIDDEN");
  expect(await platform.sql`select 1 from vouches where voucher_id = ${blocked.id}`).toHaveLength(0);
});

test("members who concurrently block and vouch for each other all get a response, and no vouch follows a block", async () => {
  const people = await Promise.all(Array.from({ length: 6 }, () => platform.person()));
  const asks = people.flatMap((one) =>
    people.filter((other) => other !== one).flatMap((other) => [() => block(one, other), () => vouch(other, one)]),
  );
  const answers = await Promise.all(asks.map((ask) => ask()));
  for (const { status, json } of answers) expect(status, JSON.stringify(json)).toBeOneOf([200, 201, 403]);
  // By now all members have blocked each other, so every further vouch is rejected.
  const [vouched] =
    await platform.sql`select count(*)::int as made from vouches where voucher_id = any(${people.map(({ id }) => id)})`;
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(Number(vouched?.["made"]));
  for (const one of people)
    for (const other of people.filter((person) => person !== one))
      expect(problem(await vouch(one, other))).toBe("403 FORBIDDEN");
});

test("the export lists a member's blocks, and deleting either account removes them", async () => {
  const [blocker, blocked, third] = [await platform.person(), await platform.person(), await platform.person()];
  await block(blocker, blocked);
  await block(third, blocker);
  expect((await blocker.get("/v1/me/export")).json["blocks"]).toMatchObject([{ blocked_id: blocked.id }]);
  expect((await blocked.get("/v1/me/export")).json["blocks"]).toEqual([]);
  await blocker.send("DELETE", "/v1/me", { password: blocker.password });
  const left = await platform.sql`select 1 from blocks where ${blocker.id} in (blocker_id, blocked_id)`;
  expect(left).toHaveLength(0);
});

test("a request that affects only its own member reads no blocks", async () => {
  const member = await platform.person();
  const task = await taskOf(member);
  const queries: string[] = [];
  const unwatch = Db.watch((text) => void queries.push(text));
  try {
    expect((await member.post(`${task}/claim`)).status).toBe(200);
  } finally {
    unwatch();
  }
  expect(queries.length).toBeGreaterThan(2);
  expect(queries.filter((text) => text.includes('"blocks"'))).toEqual([]);
});
