import { expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Erasure } from "@gotong/core/domain/account/erasure/index.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });

async function makeTask(creator: Person, more: object = {}): Promise<string> {
  return `/v1/tasks/${String((await creator.post("/v1/tasks", taskInput(more))).json["id"])}`;
}
const idOf = (answer: Answer) => `/v1/comments/${String(answer.json["id"])}`;
const texts = (answer: Answer): unknown[] => {
  const found: unknown[] = [];
  for (let index = 0; answer.json["data"]?.[index]; index += 1) found.push(answer.json["data"][index]?.["text"]);
  return found;
};

test("members comment on tasks and contributions, and comments are listed in pages, oldest first", async () => {
  const [creator, other] = [await platform.person(), await platform.person()];
  for (const path of [await makeTask(creator), `/v1/contributions/${await contributionOf(creator)}`]) {
    for (const text of ["one", "two", "three"]) {
      const said = await other.post(`${path}/comments`, { text });
      expect(said.status).toBe(201);
      expect(said.json).toMatchObject({ author_id: other.id, kind: "comment", edited_at: null, hidden: null });
    }
    const first = await creator.get(`${path}/comments?limit=2`);
    expect(texts(first)).toEqual(["one", "two"]);
    expect(JSON.stringify((await creator.get("/v1/notifications?limit=1")).json)).toContain("comment_received");
    const rest = await creator.get(`${path}/comments?limit=2&cursor=${String(first.json["next_cursor"])}`);
    expect(texts(rest)).toEqual(["three"]);
    expect(rest.json["next_cursor"]).toBe(null);
  }
});

test("a comment must have 1 to 2,000 characters", async () => {
  const creator = await platform.person();
  const path = `${await makeTask(creator)}/comments`;
  expect((await creator.post(path, { text: "𝒳".repeat(2000) })).status).toBe(201);
  expect(problem(await creator.post(path, { text: "x".repeat(2001) }))).toBe("400 VALIDATION_FAILED text:too_long");
  expect(problem(await creator.post(path, { text: "" }))).toBe("400 VALIDATION_FAILED text:too_short");
});

test("only the author may edit a comment, for 15 minutes", async () => {
  const [creator, other] = [await platform.person(), await platform.person()];
  const path = idOf(await creator.post(`${await makeTask(creator)}/comments`, { text: "Bring gloves." }));
  expect(problem(await other.send("PATCH", path, { text: "Mine" }))).toBe("403 FORBIDDEN");
  const at = async (minutes: number) => {
    // Moves the comment's time back instead of the clock forward, since a later clock would expire the access token.
    await platform.sql`update comments set created_at = now() - ${minutes * 60} * interval '1 second' where id = ${path.slice(13)}`;
    return creator.send("PATCH", path, { text: `After ${minutes}` });
  };
  expect((await at(14)).json).toMatchObject({ text: "After 14" });
  expect((await other.get(path)).json["edited_at"]).toMatch(/Z$/);
  expect(problem(await at(15.1))).toBe("422 RULE_VIOLATED");
  expect((await other.get(path)).json).toMatchObject({ text: "After 14" });
});

test("a comment can be reported, hidden and shown again, and only its author and admins see it while it is hidden", async () => {
  const [creator, other, admin] = [await platform.person(), await platform.person(), await platform.person(["admin"])];
  const task = await makeTask(creator);
  const path = idOf(await creator.post(`${task}/comments`, { text: "A rude word." }));
  const report = await other.post(`${path}/reports`, { reason: "abuse" });
  expect(report.json).toMatchObject({ target_type: "comment", status: "open" });
  const resolve = () => admin.post(`/v1/admin/reports/${String(report.json["id"])}/resolve`, { outcome: "hidden" });
  expect(problem(await resolve())).toBe("422 RULE_VIOLATED");
  const hide = path.replace("/v1/", "/v1/admin/");
  expect((await admin.post(`${hide}/hide`, { reason: "It insults." })).status).toBe(200);
  expect((await resolve()).json).toMatchObject({ outcome: "hidden" });
  expect((await other.get(path)).status).toBe(404);
  expect(texts(await other.get(`${task}/comments`))).toEqual([]);
  expect((await creator.get(path)).json).toMatchObject({ hidden: { reason: "It insults." } });
  expect(problem(await creator.send("PATCH", path, { text: "Kind." }))).toBe("409 CONTENT_HIDDEN");
  await admin.post(`${hide}/unhide`);
  expect(texts(await other.get(`${task}/comments`))).toEqual(["A rude word."]);
  const own = idOf(await admin.post(`${task}/comments`, { text: "Mine" }));
  expect(problem(await admin.post(`${own.replace("/v1/", "/v1/admin/")}/hide`, { reason: "No." }))).toBe(
    "403 FORBIDDEN",
  );
});

test("hidden content cannot be commented on and hides its comments, and a blocked member can neither comment nor edit", async () => {
  const [creator, other, admin] = [await platform.person(), await platform.person(), await platform.person(["admin"])];
  const task = await makeTask(creator);
  const path = idOf(await other.post(`${task}/comments`, { text: "Hello" }));
  const own = idOf(await creator.post(`${task}/comments`, { text: "Welcome" }));
  await admin.post(`${task.replace("/v1/", "/v1/admin/")}/hide`, { reason: "It names a child." });
  expect(problem(await creator.post(`${task}/comments`, { text: "Why?" }))).toBe("409 CONTENT_HIDDEN");
  for (const hidden of [path, `${task}/comments`]) expect((await other.get(hidden)).status).toBe(404);
  expect(problem(await creator.send("PATCH", own, { text: "Why?" }))).toBe("409 CONTENT_HIDDEN");
  expect((await other.post(`${task}/comments`, { text: "Why?" })).status).toBe(404);

  const open = await makeTask(creator);
  const said = idOf(await other.post(`${open}/comments`, { text: "Hello" }));
  await creator.send("PUT", `/v1/me/blocks/${other.id}`);
  expect(problem(await other.send("PATCH", said, { text: "You liar" }))).toBe("403 FORBIDDEN");
  expect((await creator.get(said)).json).toMatchObject({ text: "Hello" });
  expect(problem(await other.post(`${open}/comments`, { text: "Hello" }))).toBe("403 FORBIDDEN");
});

test("the reason for unassigning or cancelling a task becomes a comment of kind `unassign` or `cancel` if the request succeeds", async () => {
  const [creator, worker] = [await platform.person(), await platform.person()];
  const task = await makeTask(creator);
  expect(problem(await worker.post(`${task}/cancel`, { reason: "No." }))).toBe("403 FORBIDDEN");
  await worker.post(`${task}/claim`);
  await worker.post(`${task}/unassign`, { reason: "My child is ill." });
  await creator.post(`${task}/cancel`, { reason: "It rains." });
  expect(problem(await creator.post(`${task}/cancel`, { reason: "Again." }))).toBe("409 INVALID_TASK_STATE");
  expect((await worker.get(`${task}/comments`)).json["data"]).toMatchObject([
    { kind: "unassign", author_id: worker.id, text: "My child is ill." },
    { kind: "cancel", author_id: creator.id, text: "It rains." },
  ]);
});

test("a member may comment COMMENT_LIMIT_PER_DAY times a day, even with concurrent requests", async () => {
  const creator = await platform.person();
  const path = `${await makeTask(creator)}/comments`;
  Config.use({ ...platform.variables, COMMENT_LIMIT_PER_DAY: "3" });
  try {
    const answers = await Promise.all(Array.from({ length: 6 }, () => creator.post(path, { text: "Hello" })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 201, 429, 429, 429]);
  } finally {
    Config.use(platform.variables);
  }
});

test("a member's comments are in their export, and a deletion replaces their texts", async () => {
  const [creator, other] = [await platform.person(), await platform.person()];
  const task = await makeTask(creator);
  const path = idOf(await other.post(`${task}/comments`, { text: "My house is the blue one." }));
  expect((await other.get("/v1/me/export")).json["comments"]).toMatchObject([{ text: "My house is the blue one." }]);
  await other.send("DELETE", "/v1/me", { password: other.password });
  await Actor.run({ type: "system", name: "test" }, Id.uuid(), () => Erasure.work(other.id));
  expect((await creator.get(path)).json).toMatchObject({
    text: "Comment of a deleted member",
    author: { is_deleted: true },
  });
  const inIndonesian = "Komentar anggota yang akunnya dihapus";
  const english = await creator.get(path);
  const translated = await creator.get(path, { "accept-language": "id" });
  expect(translated.json["text"]?.valueOf()).toBe(inIndonesian);
  expect(translated.headers.get("etag")).not.toBe(english.headers.get("etag"));
  await creator.send("PATCH", "/v1/me", { language: "id" });
  expect(texts(await creator.get(`${task}/comments`))).toEqual([inIndonesian]);
  const asked = await creator.get(path, { "accept-language": "en" });
  expect(asked.json["text"]?.valueOf()).toBe("Comment of a deleted member");
});
