import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Roles } from "@gotong/core/domain/user/index.ts";
import { mailsTo, useMailDirectory } from "../../harness/mail.ts";
import { type Answer, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: true });
const mail = useMailDirectory(platform);

const list = (answer: Answer): Record<string, unknown>[] => {
  const data = answer.json["data"];
  return Array.isArray(data) ? data : [];
};

/** Creates contributions whose events Markov rejects permanently. @returns ids of the failures, oldest first */
async function failures(count: number): Promise<string[]> {
  const member = await platform.person();
  for (let made = 0; made < count; made += 1) {
    platform.markov.misbehave({ count: 1, status: 422 });
    const id = await contributionOf(member);
    await until(
      () => platform.sql`select 1 from webhook_events where subject = ${`contribution:${id}`} and status = 'dead'`,
      (rows) => rows.length === 1,
    );
  }
  const rows =
    await platform.sql`select f.id from webhook_failures f join webhook_events e on e.id = f.event_id where e.actor_id = ${member.id} order by f.id`;
  expect(rows).toHaveLength(count);
  return rows.map((row) => String(row["id"]));
}

test("concurrent redrives of a dead-lettered event send it once, with the same id and body", async () => {
  const admin = await platform.person(["admin"]);
  const [failureId = ""] = await failures(1);
  const waiting = list(await admin.get("/v1/admin/webhook-failures?redriven=false&limit=100"));
  expect(waiting).toMatchObject([
    { id: failureId, status: 422, event_type: "contribution_created", redriven_at: null },
  ]);
  const path = `/v1/admin/webhook-failures/${failureId}/redrive`;
  const answers = await Promise.all(Array.from({ length: 10 }, () => admin.post(path)));
  expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200));
  expect(new Set(answers.map((answer) => answer.json["redriven_at"])).size).toBe(1);
  const eventId = String(waiting[0]?.["event_id"]);
  const [row] = await until(
    () => platform.sql`select status, redrives, body from webhook_events where id = ${eventId}`,
    ([event]) => event?.["status"] === "delivered",
  );
  expect(row).toMatchObject({ status: "delivered", redrives: 1 });
  const received = platform.markov.ledger.events.filter((event) => event.body.includes(eventId));
  expect(received.map((event) => event.body)).toEqual([row?.["body"]]);
  const audited = list(await admin.get(`/v1/admin/audit-log?target=${failureId}`));
  expect(audited).toMatchObject([{ action: "webhook.redrive", actor_id: admin.id, details: { event_id: eventId } }]);
  expect(list(await admin.get("/v1/admin/webhook-failures?redriven=true"))).toMatchObject([{ redriven_by: admin.id }]);
  expect(problem(await admin.post(`/v1/admin/webhook-failures/${randomUUID()}/redrive`))).toBe("404 NOT_FOUND");
});

test("a bulk redrive sends the events that match its filter, and a second redrive finds none", async () => {
  const admin = await platform.person(["admin"]);
  const made = await failures(3);
  const bulk = async (body?: object) => (await admin.post("/v1/admin/webhook-failures/redrive", body)).json;
  expect(await bulk({ event_type: "vouch_submitted" })).toEqual({ redriven: 0, more: false });
  expect(await bulk({ status: 413 })).toEqual({ redriven: 0, more: false });
  expect(await bulk({ failed_before: "2020-01-01T00:00:00Z" })).toEqual({ redriven: 0, more: false });
  expect(await bulk({ status: 422, failed_from: "2020-01-01T00:00:00Z" })).toEqual({ redriven: 3, more: false });
  expect(await bulk()).toEqual({ redriven: 0, more: false });
  const delivered = await until(
    () =>
      platform.sql`select 1 from webhook_failures f join webhook_events e on e.id = f.event_id where f.id in ${platform.sql(made)} and e.status = 'delivered'`,
    (rows) => rows.length === 3,
  );
  expect(delivered).toHaveLength(3);
  expect(problem(await admin.post("/v1/admin/webhook-failures/redrive", { status: "422" }))).toBe(
    "400 VALIDATION_FAILED status:type",
  );
});

test("granting and revoking a role is written to the audit log and takes effect at the next request", async () => {
  const [admin, member] = [await platform.person(["admin"]), await platform.person()];
  const path = `/v1/admin/users/${member.id}/roles`;
  const given = await admin.send("PUT", path, { roles: ["verifier", "verifier"] });
  expect([given.status, given.json]).toMatchObject([200, { id: member.id, roles: ["contributor", "verifier"] }]);
  expect(given.json).not.toHaveProperty("email");
  const mails = await until(
    () => Promise.resolve(mailsTo(mail.directory, member.email)),
    (texts) => texts.some((text) => text.includes("Your roles are now")),
  );
  expect(mails.join("\n")).toContain("Your roles are now: contributor, verifier.");
  await admin.send("PUT", path, { roles: ["admin"] });
  expect((await member.get("/v1/admin/audit-log")).status).toBe(200);
  await admin.send("PUT", path, { roles: [] });
  expect(problem(await member.get("/v1/admin/audit-log"))).toBe("403 FORBIDDEN");
  const audited = list(await admin.get(`/v1/admin/audit-log?target=${member.id}&action=user.roles&actor=${admin.id}`));
  expect(audited.map((entry) => entry["details"])).toEqual([
    { before: ["contributor", "admin"], after: ["contributor"] },
    { before: ["contributor", "verifier"], after: ["contributor", "admin"] },
    { before: ["contributor"], after: ["contributor", "verifier"] },
  ]);
  expect(problem(await admin.send("PUT", path, { roles: ["king"] }))).toBe("400 VALIDATION_FAILED roles.0:not_allowed");
  expect(problem(await admin.send("PUT", path, {}))).toBe("400 VALIDATION_FAILED roles:required");
  expect(await admin.send("PUT", path, { roles: "admin" })).toMatchObject({
    status: 400,
    json: { errors: [{ field: "roles", message: "must be a list" }] },
  });
  const many = { roles: ["contributor", "verifier", "admin", "admin"] };
  expect(await admin.send("PUT", path, many)).toMatchObject({
    status: 400,
    json: { errors: [{ field: "roles", message: "must have at most 3 roles" }] },
  });
  expect(await admin.send("PUT", path, { roles: ["king"] })).toMatchObject({
    json: { errors: [{ message: "must be one of contributor, verifier, admin" }] },
  });
  const unknown = `/v1/admin/users/${randomUUID()}/roles`;
  expect(problem(await admin.send("PUT", unknown, { roles: [] }))).toBe("404 NOT_FOUND");
});

test("the last admin cannot be demoted, neither by one request nor by concurrent requests", async () => {
  await platform.sql`update users set roles = array['contributor']`;
  const [one, two] = [await platform.person(["admin"]), await platform.person(["admin"])];
  const demote = (by: typeof one, whom: typeof one) =>
    by.send("PUT", `/v1/admin/users/${whom.id}/roles`, { roles: [] });
  const answers = await Promise.all([demote(one, two), demote(two, one), demote(one, one), demote(two, two)]);
  expect(answers.some((answer) => answer.status === 200)).toBe(true);
  const admins = await platform.sql`select id from users where 'admin' = any(roles)`;
  expect(admins).toHaveLength(1);
  const last = admins[0]?.["id"] === one.id ? one : two;
  expect(problem(await demote(last, last))).toBe("422 LAST_ADMIN");
  const more = await last.send("PUT", `/v1/admin/users/${last.id}/roles`, { roles: ["admin", "verifier"] });
  expect(more.status).toBe(200);
  const audited = await platform.sql`select target_type from audit_log where target_id = ${last.id} limit 1`;
  expect(audited).toEqual([{ target_type: "user" }]);
  // Models an admin who has lost the role between the start of the request and the lock.
  const former = { type: "member", userId: randomUUID(), username: "former", roles: ["admin"] } as const;
  await expect(Actor.run(former, "r", () => Roles.grant(last.id, { roles: ["admin"] }))).rejects.toMatchObject({
    code: "FORBIDDEN",
  });
});

test("an admin adds a skill only once, whatever the case of its name, with an entry in the audit log", async () => {
  const admin = await platform.person(["admin"]);
  const name = `Masonry ${randomUUID()}`;
  const made = await admin.post("/v1/skills", { name, category: "craft" });
  expect([made.status, made.json]).toMatchObject([201, { name, category: "craft" }]);
  expect(problem(await admin.post("/v1/skills", { name: name.toUpperCase(), category: "x" }))).toBe("409 SKILL_EXISTS");
  expect(problem(await admin.post("/v1/skills", { name: " ", category: "x" }))).toBe(
    "400 VALIDATION_FAILED name:too_short",
  );
  const audited = list(await admin.get(`/v1/admin/audit-log?target=${String(made.json["id"])}`));
  expect(audited).toMatchObject([{ action: "skill.create", target_type: "skill" }]);
});

test("the admin's list of events is sorted by time in microseconds, newest first, has pages, and can be filtered by status", async () => {
  const admin = await platform.person(["admin"]);
  const at = "2020-01-01T00:00:00.000";
  for (const [index, micro] of ["123", "124", "124", "125"].entries())
    await platform.sql`insert into event_subjects (subject, last_sequence) values (${`s:${index}`}, 1)`.then(
      () =>
        platform.sql`insert into webhook_events (id, event_type, subject, sequence, actor_id, request_id, body, status, created_at, published_at) values (${`evt_000000000000000${index}`}, 'vouch_submitted', ${`s:${index}`}, 1, ${admin.id}, 'r', '{}', 'dead', ${`${at}${micro}Z`}, now())`,
    );
  const seen: string[] = [];
  for (let cursor = ""; ;) {
    const page = await admin.get(`/v1/admin/webhook-events?status=dead&limit=1${cursor}`);
    seen.push(...list(page).map((event) => String(event["id"])));
    if (page.json["next_cursor"] === null) break;
    cursor = `&cursor=${String(page.json["next_cursor"])}`;
  }
  expect(seen.map((id) => id.slice(-1))).toEqual(["3", "2", "1", "0"]);
});

test("a bulk redrive sends 200 events, reports that more remain, and the next redrive sends the rest", async () => {
  const admin = await platform.person(["admin"]);
  await platform.sql`insert into event_subjects (subject, last_sequence) select 'bulk:' || n, 1 from generate_series(1, 203) n`;
  await platform.sql`insert into webhook_events (id, event_type, subject, sequence, actor_id, request_id, body, status, published_at) select 'evt_b' || lpad(to_hex(n), 15, '0'), 'vouch_submitted', 'bulk:' || n, 1, ${admin.id}, 'r', '{}', 'dead', now() from generate_series(1, 203) n`;
  await platform.sql`insert into webhook_failures (id, event_id, reason, status, failed_at) select gen_random_uuid(), 'evt_b' || lpad(to_hex(n), 15, '0'), 'status 400', 400, now() from generate_series(1, 203) n`;
  const bulk = async () => (await admin.post("/v1/admin/webhook-failures/redrive", { status: 400 })).json;
  expect(await bulk()).toEqual({ redriven: 200, more: true });
  expect(await bulk()).toEqual({ redriven: 3, more: false });
  const again = await platform.sql`select 1 from webhook_events where subject like 'bulk:%' and redrives <> 1`;
  expect(again).toHaveLength(0);
});
