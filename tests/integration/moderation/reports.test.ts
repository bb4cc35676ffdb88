import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Retention } from "@gotong/core/domain/retention.ts";
import { gpsReading, taskInput } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
afterEach(() => Config.use(platform.variables));
let admin: Person;

beforeAll(async () => {
  admin = await platform.person(["admin"]);
});

const idOf = (answer: Answer): string => {
  expect(answer.status, JSON.stringify(answer.json)).toBeLessThan(300);
  return String(answer.json["id"]);
};
const taskOf = async (person: Person) => `tasks/${idOf(await person.post("/v1/tasks", taskInput({ title: "T" })))}`;
const report = (by: Person, path: string, body: object = { reason: "spam" }) => by.post(`/v1/${path}/reports`, body);
const resolve = (reportId: string, body: object, by = admin) => by.post(`/v1/admin/reports/${reportId}/resolve`, body);
/** The ids in the queue of reports, from all pages. */
async function queue(by: Person, query: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor = "";
  do {
    const page = await by.get(`/v1/admin/reports?limit=2${query}${cursor}`);
    const { data, next_cursor } = page.json;
    if (Array.isArray(data)) ids.push(...data.map(({ id }) => String(id)));
    cursor = typeof next_cursor === "string" ? `&cursor=${String(next_cursor)}` : "";
  } while (cursor !== "");
  return ids;
}

/** One target of each kind that can be reported, all of the same member. */
async function targetsOf(owner: Person): Promise<Record<string, string>> {
  const contributionId = await contributionOf(owner);
  const piece = await owner.post(`/v1/contributions/${contributionId}/evidence`, gpsReading());
  return {
    task: await taskOf(owner),
    contribution: `contributions/${contributionId}`,
    evidence: `evidence/${idOf(piece)}`,
    user: `users/${owner.id}`,
  };
}

test("a member may report visible content of another member once while the report is open, but no own or invisible content", async () => {
  const [owner, reporter] = [await platform.person(), await platform.person()];
  for (const [kind, path] of Object.entries(await targetsOf(owner))) {
    const answer = await report(reporter, path, { reason: "fraud", details: "Another place." });
    expect(answer.status, kind).toBe(201);
    expect(answer.json).toMatchObject({
      target_type: kind,
      target_id: path.split("/")[1],
      reason: "fraud",
      details: "Another place.",
      status: "open",
    });
    expect(problem(await report(reporter, path))).toBe("409 ALREADY_REPORTED");
    expect(problem(await report(owner, path))).toBe("422 RULE_VIOLATED");
    expect((await report(await platform.person(), path)).status).toBe(201);
    const [noun = ""] = path.split("/");
    expect(problem(await report(reporter, `${noun}/${randomUUID()}`))).toBe("404 NOT_FOUND");
    if (kind === "user") continue;
    await admin.post(`/v1/admin/${path}/hide`, { reason: "spam" });
    expect(problem(await report(await platform.person(), path))).toBe("404 NOT_FOUND");
    await admin.post(`/v1/admin/${path}/unhide`);
    idOf(await resolve(idOf(answer), { outcome: "dismissed" }));
    expect((await report(reporter, path)).status).toBe(201);
  }
  expect(problem(await report(reporter, `users/${owner.id}`, { reason: "boredom" }))).toMatch(/^400 .*reason:/);
  expect(problem(await report(reporter, `users/${owner.id}`, { reason: "spam", details: "x".repeat(2001) }))).toMatch(
    /^400 .*details:/,
  );
});

test("only one of ten concurrent reports of a target by the same member is accepted, and the number of open reports is limited", async () => {
  const [owner, reporter] = [await platform.person(), await platform.person()];
  const path = await taskOf(owner);
  const same = await Promise.all(Array.from({ length: 10 }, () => report(reporter, path)));
  expect(same.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
    201,
    ...Array.from({ length: 9 }, () => 409),
  ]);
  Config.use({ ...platform.variables, REPORT_LIMIT_PER_DAY: "3" });
  const paths = await Promise.all(Array.from({ length: 6 }, () => taskOf(owner)));
  const many = await Promise.all(paths.map((one) => report(reporter, one)));
  expect(many.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 429, 429, 429, 429]);
  const refused = many.find(({ status }) => status === 429);
  expect(refused && problem(refused)).toBe("429 RATE_LIMITED");
  expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(86_000);
  await platform.sql`update reports set created_at = now() - interval '25 hours' where reporter_id = ${reporter.id}`;
  const [left = ""] = paths.filter((_, index) => many[index]?.status === 429);
  expect((await report(reporter, left)).status).toBe(201);
});

test("the list of reports shows open reports, oldest first, and can be filtered by reason, target and status", async () => {
  const owner = await platform.person();
  const targets = await targetsOf(owner);
  const reasons = ["spam", "abuse", "fraud", "privacy"];
  const made: string[] = [];
  for (const [index, path] of Object.values(targets).entries())
    made.push(idOf(await report(await platform.person(), path, { reason: reasons[index] })));
  const only = async (query: string) => (await queue(admin, query)).filter((id) => made.includes(id));
  expect(await only("")).toEqual(made);
  expect(await only("&reason=fraud")).toEqual(made.slice(2, 3));
  expect(await only("&target_type=user")).toEqual(made.slice(3));
  expect(await queue(admin, `&target=${owner.id}`)).toEqual(made.slice(3));
  idOf(await resolve(made[0] ?? "", { outcome: "warned", note: "Spoke to them." }));
  expect(await only("")).toEqual(made.slice(1));
  expect(await only("&status=resolved")).toEqual(made.slice(0, 1));
  expect(await only("&status=all")).toEqual(made);
  expect((await admin.get(`/v1/admin/reports/${made[0]}`)).json).toMatchObject({
    id: made[0],
    target_owner_id: owner.id,
    status: "resolved",
    outcome: "warned",
    note: "Spoke to them.",
    resolved_by: admin.id,
  });
});

test("a report is resolved once, as `hidden` only if its target is hidden, and the audit log does not name the reporter", async () => {
  const owner = await platform.person();
  const [path, other] = [await taskOf(owner), await taskOf(owner)];
  const reporters = await Promise.all(Array.from({ length: 4 }, () => platform.person()));
  const ids: string[] = [];
  for (const reporter of reporters) ids.push(idOf(await report(reporter, path)));
  const apart = idOf(await report(admin, other));
  const [first = "", second = "", third = ""] = ids;
  expect(problem(await resolve(first, { outcome: "hidden" }))).toBe("422 RULE_VIOLATED");
  await admin.post(`/v1/admin/${path}/hide`, { reason: "spam" });
  expect((await resolve(first, { outcome: "hidden" })).json).toMatchObject({ status: "resolved", outcome: "hidden" });
  expect((await admin.get(`/v1/admin/reports/${second}`)).json).toMatchObject({ status: "open", outcome: null });
  const admins = [admin, await platform.person(["admin"]), await platform.person(["admin"])];
  const all = { outcome: "hidden", include_same_target: true };
  const answers = await Promise.all(admins.map((one, index) => resolve(ids[index + 1] ?? "", all, one)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
  expect(problem(await resolve(third, { outcome: "dismissed" }))).toBe("409 ALREADY_RESOLVED");
  expect((await admin.get(`/v1/admin/reports/${apart}`)).json).toMatchObject({ status: "open" });
  expect(problem(await resolve(randomUUID(), { outcome: "dismissed" }))).toBe("404 NOT_FOUND");

  const rows = await platform.sql`
    select details, a::text as whole from audit_log a where action = 'report.resolve' and target_id = any(${ids}) order by id`;
  const entry = (reports: number) => ({
    outcome: "hidden",
    target_type: "task",
    target_id: path.slice(6),
    reports,
  });
  expect(rows.map((row) => row["details"])).toEqual([entry(1), entry(3)]);
  for (const { id } of reporters) expect(rows.map((row) => String(row["whole"])).join()).not.toContain(id);
});

test("an admin can neither see nor resolve a report about themselves", async () => {
  const [reported, reporter] = [await platform.person(["admin"]), await platform.person()];
  const ids = [
    idOf(await report(reporter, `users/${reported.id}`)),
    idOf(await report(reporter, await taskOf(reported), { reason: "abuse", details: "canary" })),
  ];
  expect((await queue(reported, "&status=all")).filter((id) => ids.includes(id))).toEqual([]);
  for (const id of ids) {
    expect(problem(await reported.get(`/v1/admin/reports/${id}`))).toBe("404 NOT_FOUND");
    expect(problem(await resolve(id, { outcome: "dismissed" }, reported))).toBe("404 NOT_FOUND");
  }
  for (const id of ids) idOf(await resolve(id, { outcome: "dismissed" }));
  const log = await platform.raw("GET", "/v1/admin/audit-log?action=report.resolve", { token: reported.token });
  const exported = await platform.raw("GET", "/v1/me/export", { token: reported.token });
  for (const text of [await log.text(), await exported.text()]) {
    expect(text).not.toContain(reporter.id);
    expect(text).not.toContain("canary");
  }
});

test("an account's deletion erases the texts of reports by and about the member, and closes the reports about the member", async () => {
  const [owner, reporter] = [await platform.person(), await platform.person()];
  const text = { reason: "abuse", details: "He shares private addresses." };
  const task = await taskOf(owner);
  const [aboutMember, aboutTask] = [
    idOf(await report(reporter, `users/${owner.id}`, text)),
    idOf(await report(reporter, task, text)),
  ];
  const second = await platform.person();
  const byOther = idOf(await report(second, task, text));
  const decided = idOf(await report(second, `users/${owner.id}`, text));
  idOf(await resolve(decided, { outcome: "warned", note: "He is called Budi." }));
  const exported = (await reporter.get("/v1/me/export")).json["reports"];
  expect(exported).toMatchObject([
    { id: aboutMember, details: text.details },
    { id: aboutTask, target_id: task.slice(6) },
  ]);
  const see = async (id: string) => (await admin.get(`/v1/admin/reports/${id}`)).json;
  await reporter.send("DELETE", "/v1/me", { password: reporter.password });
  expect(await see(aboutTask)).toMatchObject({ status: "open", details: null, reason: "abuse" });
  await owner.send("DELETE", "/v1/me", { password: owner.password });
  const gone = { status: "resolved", outcome: "account_deleted", details: null, resolved_by: null };
  for (const id of [aboutMember, aboutTask, byOther]) expect(await see(id)).toMatchObject(gone);
  expect(await see(decided)).toMatchObject({ outcome: "warned", details: null, note: null });
});

test("resolved reports are deleted after a year, and open reports are kept", async () => {
  const owner = await platform.person();
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1) ids.push(idOf(await report(await platform.person(), `users/${owner.id}`)));
  const [old = "", recent = "", open = ""] = ids;
  for (const id of [old, recent]) idOf(await resolve(id, { outcome: "dismissed" }));
  await platform.sql`update reports set created_at = now() - interval '3 years' where id = any(${ids})`;
  await platform.sql`update reports set resolved_at = now() - interval '366 days' where id = ${old}`;
  await platform.sql`update reports set resolved_at = now() - interval '364 days' where id = ${recent}`;
  expect(await Retention.removeExpired()).toMatchObject({ reports: 1 });
  const left = await platform.sql`select id from reports where id = any(${ids}) order by id`;
  expect(left.map((row) => row["id"])).toEqual([recent, open]);
});
