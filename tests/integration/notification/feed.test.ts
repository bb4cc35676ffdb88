import { expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Acceptance } from "@gotong/core/domain/invitation/accept.ts";
import { Claims } from "@gotong/core/domain/task/index.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Retention } from "@gotong/core/domain/retention.ts";
import { gpsReading, taskInput } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });

const idOf = (answer: Answer): string => String(answer.json["id"]);
const makeTask = async (creator: Person, more: object = {}) =>
  `/v1/tasks/${idOf(await creator.post("/v1/tasks", taskInput(more)))}`;

interface Notice {
  readonly id: string;
  readonly kind: string;
  readonly actor: string | undefined;
  readonly outcome: unknown;
}

/** The feed of a member, oldest notification first. */
async function feedOf(person: Person, query = ""): Promise<Notice[]> {
  const { json, status } = await person.get(`/v1/notifications?limit=100${query}`);
  expect(status).toBe(200);
  const found: Notice[] = [];
  for (let index = 0; json["data"]?.[index]; index += 1) {
    const item = json["data"][index];
    const actor = item?.["actor"]?.["id"];
    found.push({
      id: String(item?.["id"]),
      kind: String(item?.["kind"]),
      actor: actor === undefined ? undefined : String(actor),
      outcome: item?.["outcome"],
    });
  }
  return found.toReversed();
}
const kindsOf = async (person: Person) => (await feedOf(person)).map(({ kind }) => kind);

test("a task's creator is notified once of each step of the assignee, and the assignee is not notified of their own steps", async () => {
  const [creator, member] = [await platform.person(), await platform.person()];
  const task = await makeTask(creator);
  for (const step of ["claim", "unassign", "claim", "start", "complete"])
    expect((await member.post(`${task}/${step}`, step === "unassign" ? {} : undefined)).status).toBeLessThan(300);
  expect(await kindsOf(creator)).toEqual(["task_claimed", "task_given_back", "task_claimed", "task_completed"]);
  expect((await feedOf(creator)).every(({ actor }) => actor === member.id)).toBe(true);
  expect(await kindsOf(member)).toEqual([]);
});

test("assignees are notified when the creator gives them a place in a task or takes it away", async () => {
  const [creator, one, two] = [await platform.person(), await platform.person(), await platform.person()];
  const task = await makeTask(creator, { people_needed: 3 });
  await one.post(`${task}/claim`);
  expect((await creator.post(`${task}/assign`, { user_id: two.id })).status).toBe(200);
  expect((await creator.post(`${task}/unassign`, { user_id: two.id })).status).toBe(200);
  expect((await creator.post(`${task}/cancel`, {})).status).toBe(200);
  expect(await kindsOf(one)).toEqual(["task_cancelled"]);
  expect(await kindsOf(two)).toEqual(["task_assigned", "task_unassigned"]);
  expect(await kindsOf(creator)).toEqual(["task_claimed"]);
});

test("a task's creator and its assignee are notified that a claim has expired", async () => {
  const [creator, member] = [await platform.person(), await platform.person()];
  const task = await makeTask(creator, { claim_hours: 1 });
  await member.post(`${task}/claim`);
  const restore = Clock.set(() => new Date(Date.now() + 3_700_000));
  await Actor.run({ type: "system", name: "test" }, Id.uuid(), () => Claims.expire(task.split("/").at(-1)));
  restore();
  expect(await kindsOf(member)).toEqual(["claim_expired"]);
  expect(await feedOf(creator)).toMatchObject([{ kind: "task_claimed" }, { kind: "claim_expired", actor: undefined }]);
});

test("a contribution's owner is notified of votes and of the decision, with their outcomes", async () => {
  const owner = await platform.person();
  const contribution = `/v1/contributions/${await contributionOf(owner)}`;
  const verifier = () => platform.person(["verifier"]);
  const verifiers = [await verifier(), await verifier(), await verifier()];
  for (const each of verifiers)
    expect((await each.post(`${contribution}/verifications`, { outcome: "approved" })).status).toBe(201);
  expect(await feedOf(owner)).toMatchObject([
    { kind: "vote_received", outcome: "approved", actor: verifiers[0]?.id },
    { kind: "vote_received", outcome: "approved", actor: verifiers[1]?.id },
    { kind: "contribution_decided", outcome: "verified", actor: verifiers[2]?.id },
  ]);
});

test("evidence notifies the owner, the named witness and each verifier, who gets one unread notification for a contribution", async () => {
  const [owner, other, witness] = [await platform.person(), await platform.person(), await platform.person()];
  const verifier = await platform.person(["verifier"]);
  const contribution = `/v1/contributions/${await contributionOf(owner)}`;
  const added = idOf(await other.post(`${contribution}/evidence`, gpsReading()));
  expect(await kindsOf(owner)).toEqual(["evidence_waiting"]);
  expect((await owner.post(`/v1/evidence/${added}/consent`, { accept: false })).status).toBe(200);
  expect(await feedOf(other)).toMatchObject([{ kind: "evidence_refused", actor: owner.id }]);

  const witnesses = [{ witness_name: "W", witness_id: witness.id }];
  const proof = { timestamp: new Date().toISOString(), witnesses };
  const piece = idOf(await owner.post(`${contribution}/evidence`, { evidence_type: "witness_attestation", proof }));
  expect(await feedOf(witness)).toMatchObject([{ kind: "witness_asked", actor: owner.id }]);
  for (const confirm of [true, true, false])
    expect((await witness.post(`/v1/evidence/${piece}/attestation`, { confirm })).status).toBe(200);
  expect(await feedOf(owner)).toMatchObject([
    { kind: "evidence_waiting" },
    { kind: "witness_answered", outcome: "confirmed" },
    { kind: "witness_answered", outcome: "declined" },
  ]);

  expect((await owner.post(`${contribution}/evidence`, gpsReading())).status).toBe(201);
  const asked = (await feedOf(verifier)).filter(({ kind }) => kind === "verification_waiting");
  expect(asked).toHaveLength(1);
});

test("vouches, comments, invitations, reports and hidden content notify the members whom they concern", async () => {
  const [owner, other, third] = [await platform.person(), await platform.person(), await platform.person()];
  const admin = await platform.person(["admin"]);
  await admin.post("/v1/vouches", { vouchee_id: owner.id });
  const contribution = `/v1/contributions/${await contributionOf(owner)}`;
  await other.post(`${contribution}/comments`, { text: "Thank you" });
  await third.post(`${contribution}/comments`, { text: "From me too" });
  const report = idOf(await other.post(`${contribution}/reports`, { reason: "spam" }));
  await admin.post(`${contribution.replace("/v1/", "/v1/admin/")}/hide`, { reason: "Spam" });
  expect((await admin.post(`/v1/admin/reports/${report}/resolve`, { outcome: "hidden" })).status).toBe(200);
  expect(await kindsOf(owner)).toEqual(["vouch_received", "comment_received", "comment_received", "content_hidden"]);
  expect((await feedOf(owner)).at(-1)?.actor).toBeUndefined();
  expect(await feedOf(other)).toMatchObject([
    { kind: "comment_received", actor: third.id },
    { kind: "report_decided", outcome: "hidden", actor: undefined },
  ]);
  expect(await kindsOf(third)).toEqual([]);

  const email = `guest.${Id.uuid()}@example.org`;
  const open = { id: idOf(await admin.post("/v1/invitations", { email })), email, isLink: false, invitedBy: admin.id };
  const guest = await platform.person();
  const accept = () => Db.transaction(() => Acceptance.accept(open, guest.id));
  await Actor.run({ type: "public" }, Id.uuid(), accept);
  expect(await feedOf(admin)).toMatchObject([{ kind: "invitation_accepted", actor: guest.id }]);
});

test("no notification is sent between members with a block between them", async () => {
  const [creator, member, blocked] = [await platform.person(), await platform.person(), await platform.person()];
  const task = await makeTask(creator);
  await blocked.post(`${task}/comments`, { text: "First" });
  await member.send("PUT", `/v1/me/blocks/${blocked.id}`);
  await member.post(`${task}/comments`, { text: "Second" });
  expect(await kindsOf(creator)).toEqual(["comment_received", "comment_received"]);
  expect(await kindsOf(blocked)).toEqual([]);
  await blocked.post(`${task}/comments`, { text: "Third" });
  expect(await kindsOf(member)).toEqual([]);
});

test("notifications are marked as read one by one, up to a given one, or all at once, and unread ones are counted", async () => {
  const [creator, member] = [await platform.person(), await platform.person()];
  const task = await makeTask(creator);
  for (const text of ["1", "2", "3", "4"]) await member.post(`${task}/comments`, { text });
  const [first, second, third] = await feedOf(creator);
  const count = async () => (await creator.get("/v1/notifications?limit=1")).json["unread_count"];
  expect(await count()).toBe(4);
  expect(problem(await member.post(`/v1/notifications/${third?.id}/read`))).toBe("404 NOT_FOUND");
  const read = await creator.post(`/v1/notifications/${third?.id}/read`);
  expect(read.json["read_at"]).toMatch(/Z$/);
  expect((await creator.post(`/v1/notifications/${third?.id}/read`)).json["read_at"]).toBe(read.json["read_at"]);
  expect(await count()).toBe(3);
  expect((await creator.post("/v1/notifications/read", { up_to: second?.id })).json).toEqual({ unread_count: 1 });
  expect(await feedOf(creator, "&unread=true")).toHaveLength(1);
  expect((await creator.post("/v1/notifications/read", {})).json).toEqual({ unread_count: 0 });
  expect((await feedOf(creator)).map(({ id }) => id)).toContain(first?.id);
});

test("pages of the feed are complete and without repetition", async () => {
  const [creator, member] = [await platform.person(), await platform.person()];
  const task = await makeTask(creator);
  for (const text of ["1", "2", "3", "4", "5"]) await member.post(`${task}/comments`, { text });
  const seen: string[] = [];
  let cursor = "";
  do {
    const { json } = await creator.get(`/v1/notifications?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
    for (let index = 0; json["data"]?.[index]; index += 1) seen.push(String(json["data"][index]?.["id"]));
    cursor = json["next_cursor"]?.toString() ?? "";
  } while (cursor !== "");
  expect(seen).toEqual((await feedOf(creator)).map(({ id }) => id).toReversed());
});

test("a kind of notification that a member has switched off is not stored, and other kinds stay on", async () => {
  const [creator, member] = [await platform.person(), await platform.person()];
  const path = "/v1/me/notification-settings";
  const before = (await creator.get(path)).json;
  expect(before).toMatchObject({ time_zone: "Asia/Jakarta", quiet_hours: { from: "21:00", until: "06:00" } });
  const off = { comment_received: { feed: false, mail: false, push: false } };
  expect((await creator.send("PATCH", path, { preferences: off })).json["preferences"]).toMatchObject({
    ...off,
    task_claimed: { feed: true, mail: true, push: true },
  });
  await creator.send("PATCH", path, { time_zone: "Asia/Jayapura", quiet_hours: null });
  expect((await creator.get(path)).json).toMatchObject({
    time_zone: "Asia/Jayapura",
    quiet_hours: null,
    preferences: off,
  });
  const task = await makeTask(creator);
  await member.post(`${task}/comments`, { text: "Not shown" });
  await member.post(`${task}/claim`);
  expect(await kindsOf(creator)).toEqual(["task_claimed"]);
  const rows = await platform.sql`select kind from notifications where user_id = ${creator.id}`;
  expect(rows).toHaveLength(1);
});

test("invalid notification settings are rejected with the name of the field: time zone, quiet hours, preferences", async () => {
  const member = await platform.person();
  const ask = async (body: object) => problem(await member.send("PATCH", "/v1/me/notification-settings", body));
  expect(await ask({ time_zone: "Mars/Olympus" })).toBe("400 VALIDATION_FAILED time_zone:format");
  expect(await ask({ quiet_hours: { from: "24:00", until: "06:00" } })).toBe(
    "400 VALIDATION_FAILED quiet_hours.from:format",
  );
  expect(await ask({ quiet_hours: { from: "06:00", until: "06:00" } })).toBe(
    "400 VALIDATION_FAILED quiet_hours:format",
  );
  expect(await ask({ preferences: { task_claimed: { feed: "no" } } })).toBe(
    "400 VALIDATION_FAILED preferences.task_claimed.feed:type",
  );
  expect(await ask({ preferences: { nothing: {} } })).toBe("400 VALIDATION_FAILED preferences.nothing:unknown_field");
});

test("a request that fails notifies no member, whichever statement of its transaction fails", async () => {
  const [creator, member] = [await platform.person(), await platform.person()];
  const task = await makeTask(creator);
  const failing = "create function fail_notice() returns trigger language plpgsql as $$ begin raise 'failed'; end $$";
  await platform.sql.unsafe(failing);
  const breakAt = async (table: string) => {
    await platform.sql.unsafe(
      `create trigger broken after insert or update on ${table} for each row execute function fail_notice()`,
    );
    const { status } = await member.post(`${task}/claim`);
    await platform.sql.unsafe(`drop trigger broken on ${table}`);
    expect(status).toBe(500);
    expect(await kindsOf(creator)).toEqual([]);
    expect((await creator.get(task)).json["status"]).toBe("open");
  };
  for (const table of ["tasks", "task_assignments", "notifications"]) await breakAt(table);
  expect((await member.post(`${task}/claim`)).status).toBe(200);
  expect(await kindsOf(creator)).toEqual(["task_claimed"]);
});

test("a request repeated with its idempotency key notifies once", async () => {
  const [creator, member] = [await platform.person(), await platform.person()];
  const task = await makeTask(creator);
  const key = { "idempotency-key": Id.uuid() };
  for (const round of [1, 2])
    expect((await member.post(`${task}/comments`, { text: "Once" }, key)).status, `round ${round}`).toBe(201);
  expect(await kindsOf(creator)).toEqual(["comment_received"]);
});

test("the export contains a member's notifications; an account's deletion and, after 180 days, retention remove them", async () => {
  const [creator, member] = [await platform.person(), await platform.person()];
  const task = await makeTask(creator);
  await member.post(`${task}/claim`);
  expect((await creator.get("/v1/me/export")).json["notifications"]?.[0]?.["kind"]).toBe("task_claimed");
  expect((await creator.send("DELETE", "/v1/me", { password: creator.password })).status).toBe(204);
  const left = async (id: string) => platform.sql`select id from notifications where user_id = ${id}`;
  expect(await left(creator.id)).toHaveLength(0);

  const other = await platform.person();
  await member.post(`${await makeTask(other)}/comments`, { text: "Old" });
  await platform.sql`update notifications set created_at = now() - interval '179 days' where user_id = ${other.id}`;
  await Retention.removeExpired();
  expect(await left(other.id)).toHaveLength(1);
  await platform.sql`update notifications set created_at = now() - interval '181 days' where user_id = ${other.id}`;
  await Retention.removeExpired();
  expect(await left(other.id)).toHaveLength(0);
});
