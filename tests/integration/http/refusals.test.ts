import { beforeAll, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
let member: Person;
beforeAll(async () => {
  member = await platform.person();
});

async function rows(table: string): Promise<number> {
  const [row] = await platform.sql`select count(*)::int as n from ${platform.sql(table)}`;
  return Number(row?.["n"]);
}

const task = taskInput({ title: "Clear the drain", description: "Before the rain." });
const FORM = { "content-type": "application/x-www-form-urlencoded" };

test.each<[what: string, body: unknown, refusal: string, headers?: Record<string, string>]>([
  ["an unknown field", { ...task, colour: "red" }, "400 VALIDATION_FAILED colour:unknown_field"],
  ["a field of the wrong type", { ...task, title: 5 }, "400 VALIDATION_FAILED title:type"],
  ["a missing field", { title: "a", description: "b" }, "400 VALIDATION_FAILED difficulty:required"],
  ["a text that is too long", { ...task, title: "x".repeat(201) }, "400 VALIDATION_FAILED title:too_long"],
  ["a control character", { ...task, title: "nul \u0000" }, "400 VALIDATION_FAILED title:characters"],
  [
    "an unknown skill",
    { ...task, skill_ids: ["01890000-0000-7000-8000-000000000000"] },
    "400 VALIDATION_FAILED skill_ids.0:unknown_reference",
  ],
  ["malformed JSON", "{ not json", "400 MALFORMED_JSON"],
  ["an array as body", "[1]", "400 VALIDATION_FAILED body:type"],
  ["a form as body", "title=a", "415 UNSUPPORTED_MEDIA_TYPE", FORM],
  ["a body of more than 1 MB", { ...task, description: "x".repeat(1_100_000) }, "413 PAYLOAD_TOO_LARGE"],
])("a task with %s is rejected and not stored", async (_what, body, refusal, headers) => {
  const before = await rows("tasks");
  expect(problem(await member.post("/v1/tasks", body, headers))).toBe(refusal);
  expect(await rows("tasks")).toBe(before);
});

test("a path id that is not a UUID is rejected with the name of its parameter", async () => {
  expect(problem(await member.post("/v1/tasks/not-a-uuid/claim"))).toBe("400 VALIDATION_FAILED task_id:format");
});

test("an unknown path gets 404", async () => {
  expect(problem(await member.get("/v1/nowhere"))).toBe("404 NOT_FOUND");
});

test.each<[what: string, body: Record<string, string>, refusal: string]>([
  ["a short password", { password: "short" }, "400 VALIDATION_FAILED password:too_short"],
  ["a common password", { password: "password1234" }, "400 VALIDATION_FAILED password:guessable"],
  ["the username in the password", { password: "my fresh-name phrase" }, "400 VALIDATION_FAILED password:guessable"],
  ["a space in the username", { username: "no spaces" }, "400 VALIDATION_FAILED username:format"],
  ["a malformed e-mail address", { email: "not an address" }, "400 VALIDATION_FAILED email:format"],
])("a registration with %s is rejected and creates no account", async (_what, body, refusal) => {
  const before = [await rows("users"), await rows("refresh_tokens")];
  expect(problem(await register(body))).toBe(refusal);
  expect([await rows("users"), await rows("refresh_tokens")]).toEqual(before);
});

test("a registration with another member's e-mail address, in upper or lower case, is rejected and creates no account", async () => {
  const before = [await rows("users"), await rows("refresh_tokens")];
  expect(problem(await register({ email: member.email.toUpperCase() }))).toBe("409 EMAIL_TAKEN");
  expect([await rows("users"), await rows("refresh_tokens")]).toEqual(before);
});

const register = (body: Record<string, string>) =>
  platform.request("POST", "/v1/auth/register", {
    body: { username: "fresh-name", email: "fresh@example.org", password: "a long enough phrase", ...body },
  });

const me = async (token?: string) =>
  problem(await platform.request("GET", "/v1/me", token === undefined ? {} : { token }));

test("a request without an access token is rejected", async () => {
  expect(await me()).toBe("401 UNAUTHENTICATED");
});

test("a malformed or truncated access token is rejected", async () => {
  expect(await me("a.b.c")).toBe("401 UNAUTHENTICATED");
  expect(await me(member.token.slice(0, -4))).toBe("401 UNAUTHENTICATED");
});

test("an access token is rejected after 15 minutes", async () => {
  const back = Clock.set(() => new Date(Date.now() + 901_000));
  try {
    expect(await me(member.token)).toBe("401 UNAUTHENTICATED");
  } finally {
    back();
  }
  expect((await member.get("/v1/me")).status).toBe(200);
});

test("the access token of a deleted account is rejected", async () => {
  const gone = await platform.person();
  await platform.sql`update users set deleted_at = now(), password_hash = null where id = ${gone.id}`;
  expect(await me(gone.token)).toBe("401 UNAUTHENTICATED");
});

test("a login with a wrong password gets the same response as a login of an unknown account", async () => {
  const login = (email: string) =>
    platform.request("POST", "/v1/auth/login", { body: { email, password: "some other phrase" } });
  const [wrong, unknown] = [await login(member.email), await login("unknown@example.org")];
  const { request_id: _a, ...one } = wrong.json;
  const { request_id: _b, ...other } = unknown.json;
  expect([wrong.status, one]).toEqual([unknown.status, other]);
  expect(wrong.json["code"]).toBe("INVALID_CREDENTIALS");
});

test("only one of 30 concurrent claims of a task succeeds, and 29 get TASK_NOT_OPEN", async () => {
  const creator = await platform.person();
  const members = await Promise.all(Array.from({ length: 30 }, () => platform.person()));
  const id = String((await creator.post("/v1/tasks", task)).json["id"]);
  const answers = await Promise.all(members.map((member) => member.post(`/v1/tasks/${id}/claim`)));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  expect(
    answers.filter((answer) => answer.status === 409 && String(answer.json["code"]) === "TASK_NOT_OPEN"),
  ).toHaveLength(29);
  const assignments = await platform.sql`select 1 from task_assignments where task_id = ${id}`;
  expect(assignments).toHaveLength(1);
});

/** Creates a task of another member, on which `assignee` performs the given steps. */
async function taskOf(assignee: Person, ...steps: readonly ("claim" | "start")[]): Promise<string> {
  const path = `/v1/tasks/${String((await member.post("/v1/tasks", task)).json["id"])}`;
  for (const step of steps) expect((await assignee.post(`${path}/${step}`)).status).toBe(200);
  return path;
}

test("only the assignee can start a task", async () => {
  const [assignee, other] = [await platform.person(), await platform.person()];
  const path = await taskOf(assignee);
  expect(problem(await assignee.post(`${path}/start`))).toBe("403 FORBIDDEN"); // the task has no assignee yet
  await assignee.post(`${path}/claim`);
  expect(problem(await other.post(`${path}/start`))).toBe("403 FORBIDDEN");
  expect((await assignee.post(`${path}/start`)).status).toBe(200);
});

test("only the assignee can complete a task, only once, and only after it was started", async () => {
  const [assignee, other] = [await platform.person(), await platform.person()];
  const path = await taskOf(assignee, "claim");
  expect(problem(await assignee.post(`${path}/complete`))).toBe("409 INVALID_TASK_STATE");
  await assignee.post(`${path}/start`);
  expect(problem(await other.post(`${path}/complete`))).toBe("403 FORBIDDEN");
  expect((await assignee.post(`${path}/complete`)).status).toBe(201);
  expect(problem(await assignee.post(`${path}/complete`))).toBe("409 INVALID_TASK_STATE");
});

test("a rejected completion creates no contribution and no event", async () => {
  const assignee = await platform.person();
  const path = await taskOf(assignee, "claim", "start");
  const written = async () => [await rows("contributions"), await rows("webhook_events"), await rows("event_subjects")];
  const before = await written();
  expect(problem(await assignee.post(`${path}/complete`, { title: "" }))).toBe("400 VALIDATION_FAILED title:too_short");
  expect(problem(await member.post(`${path}/complete`))).toBe("403 FORBIDDEN");
  expect(await written()).toEqual(before);
});

/** Makes the table of tasks unavailable. @returns the response to a new task whose title is `title` */
async function breakTasks(title: string) {
  await platform.sql`alter table tasks rename to tasks_away`;
  try {
    return await member.post("/v1/tasks", { ...task, title }, { "x-request-id": "req-canary" });
  } finally {
    await platform.sql`alter table tasks_away rename to tasks`;
  }
}

test("an internal error returns a constant text with the request id, without the input", async () => {
  const answer = await breakTasks("canary-4711");
  expect(problem(answer)).toBe("500 INTERNAL");
  expect(JSON.stringify(answer.json)).not.toMatch(/canary-4711|relation|tasks/);
  expect(answer.json["request_id"]).toBe("req-canary");
});

test("the log of an internal error has the request id, but not the input, the member's token or e-mail address", async () => {
  await breakTasks("canary-4712");
  const lines = platform.logs.filter((line) => line.includes("req-canary"));
  expect(lines.some((line) => line.includes('"level":"error"'))).toBe(true);
  const logs = platform.logs.join("\n");
  for (const secret of ["canary-4712", member.token, member.email]) expect(logs).not.toContain(secret);
});
