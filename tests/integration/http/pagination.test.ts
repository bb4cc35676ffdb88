import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { Page } from "@gotong/core/platform/page.ts";
import * as v from "valibot";
import { taskInput } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });

const ids = (answer: Answer): string[] => {
  expect(answer.status, JSON.stringify(answer.json)).toBe(200);
  const data = answer.json["data"];
  return Array.isArray(data) ? data.map((item) => String(item.id)) : [];
};

/** Follows the cursors to the last page. */
async function walk(person: Person, path: string, limit: number): Promise<{ ids: string[]; pages: number }> {
  const found: string[] = [];
  for (let pages = 1, cursor = ""; ; pages += 1) {
    const separator = path.includes("?") ? "&" : "?";
    const answer = await person.get(`${path}${separator}limit=${limit}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    const page = ids(answer);
    expect(page.length).toBeLessThanOrEqual(limit);
    found.push(...page);
    if (answer.json["next_cursor"] === null) return { ids: found, pages };
    cursor = String(answer.json["next_cursor"]);
  }
}

async function task(person: Person, more: object = {}): Promise<string> {
  const answer = await person.post("/v1/tasks", taskInput(more));
  expect(answer.status, JSON.stringify(answer.json)).toBe(201);
  return String(answer.json["id"]);
}

test("cursors list every task once, newest first, even while tasks are added, and the last page has no cursor", async () => {
  const [creator, reader] = [await platform.person(), await platform.person()];
  const made: string[] = [];
  for (let count = 0; count < 7; count += 1) made.push(await task(creator));
  const path = `/v1/tasks?creator=${creator.id}`;
  expect(await walk(reader, path, 3)).toEqual({ ids: made.toReversed(), pages: 3 });
  expect(await walk(reader, path, 7)).toEqual({ ids: made.toReversed(), pages: 1 });
  const first = await reader.get(`${path}&limit=3`);
  await task(creator);
  const second = await reader.get(`${path}&limit=3&cursor=${String(first.json["next_cursor"])}`);
  expect(ids(second)).toEqual(made.toReversed().slice(3, 6));
  expect((await reader.get(path)).json).toMatchObject({ next_cursor: null });
});

test("task filters by status, difficulty, skill, creator, assignee and words are combined with AND", async () => {
  const [creator, worker] = [await platform.person(), await platform.person()];
  const admin = await platform.person(["admin"]);
  const skill = async (name: string) =>
    String((await admin.post("/v1/skills", { name: `${name} ${randomUUID()}`, category: "test" })).json["id"]);
  const [digging, cooking] = [await skill("Digging"), await skill("Cooking")];
  const drain = await task(creator, { title: "Clear the drain", skill_ids: [digging], difficulty: "hard" });
  const soup = await task(creator, { title: "Cook soup", description: "For the drain workers", skill_ids: [cooking] });
  const both = await task(creator, { title: "Picnic", location: "Drain street", skill_ids: [digging, cooking] });
  await worker.post(`/v1/tasks/${soup}/claim`);
  const found = async (query: string) => ids(await worker.get(`/v1/tasks?creator=${creator.id}&${query}`));
  expect(await found("status=open")).toEqual([both, drain]);
  expect(await found("status=assigned")).toEqual([soup]);
  expect(await found("difficulty=hard")).toEqual([drain]);
  expect(await found(`skill=${digging}`)).toEqual([both, drain]);
  expect(await found(`skill=${cooking}&status=assigned&assignee=${worker.id}`)).toEqual([soup]);
  expect(await found("q=DRAIN")).toEqual([both, soup, drain]);
  expect(await found("q=drain%20-soup")).toEqual([both, drain]);
  expect(await found("q=%22the%20drain%22&difficulty=easy")).toEqual([soup]);
  expect(await found(`q=${encodeURIComponent("!&|():*'\\")}`)).toEqual([]);
  expect((await walk(worker, `/v1/tasks?skill=${digging}`, 1)).ids).toEqual([both, drain]);
  const shown = await worker.get(`/v1/tasks/${both}`);
  expect(shown.json["skill_ids"]).toEqual([digging, cooking].toSorted());
});

test("contributions are filtered by user, task and status, and a member's own path lists the same as the filter by user", async () => {
  const [member, reader] = [await platform.person(), await platform.person()];
  const [first, second] = [await contributionOf(member), await contributionOf(member)];
  const taskId = String((await reader.get(`/v1/contributions/${first}`)).json["task_id"]);
  expect(ids(await reader.get(`/v1/contributions?user=${member.id}`))).toEqual([second, first]);
  expect(ids(await reader.get(`/v1/contributions?task=${taskId}`))).toEqual([first]);
  expect(ids(await reader.get(`/v1/contributions?user=${member.id}&status=verified`))).toEqual([]);
  expect(ids(await reader.get(`/v1/users/${member.id}/contributions?status=pending`))).toEqual([second, first]);
  expect((await walk(reader, `/v1/users/${member.id}/contributions`, 1)).ids).toEqual([second, first]);
  expect(problem(await reader.get(`/v1/users/${randomUUID()}/contributions`))).toBe("404 NOT_FOUND");
  expect(problem(await reader.get(`/v1/users/${randomUUID()}/vouches`))).toBe("404 NOT_FOUND");
});

test("skills are listed by name, optionally of a single category", async () => {
  const admin = await platform.person(["admin"]);
  const category = randomUUID();
  const made = new Map<string, string>();
  for (const name of ["b", "a", "C", "d%_'"])
    made.set(name, String((await admin.post("/v1/skills", { name: `${name} ${category}`, category })).json["id"]));
  const inOrder = ["a", "b", "C", "d%_'"].map((name) => made.get(name));
  expect((await walk(admin, `/v1/skills?category=${category}`, 2)).ids).toEqual(inOrder);
  const all = (await walk(admin, "/v1/skills", 100)).ids;
  expect(inOrder.every((id) => all.includes(String(id)))).toBe(true);
});

const LISTS = [
  "/v1/tasks",
  "/v1/contributions",
  "/v1/skills",
  "/v1/users/:me/contributions",
  "/v1/users/:me/vouches",
  "/v1/admin/webhook-events",
  "/v1/admin/webhook-failures",
  "/v1/admin/audit-log",
];

test.for(LISTS)(
  "%s rejects an invalid limit, an invalid cursor and an unknown parameter, each by its name",
  async (list) => {
    const admin = await platform.person(["admin"]);
    const path = list.replace(":me", admin.id);
    const asked = async (query: string) => problem(await admin.get(`${path}?${query}`));
    for (const limit of ["0", "101", "1.5", "-1", "ten", ""])
      expect(await asked(`limit=${limit}`)).toMatch(/^400 VALIDATION_FAILED limit:/);
    const ofAnother = Page.paging("another", v.tuple([v.string()])).encode([randomUUID()]);
    const notJson = Buffer.from("not json").toString("base64url");
    const injected = Buffer.from(JSON.stringify(["tasks", "' or 1=1"])).toString("base64url");
    for (const cursor of ["x", "", "%00", ofAnother, notJson, injected, `${ofAnother}=`, "a".repeat(5000)])
      expect(await asked(`cursor=${cursor}`)).toMatch(/^400 VALIDATION_FAILED cursor:/);
    expect(await asked("limit=5&limit=6")).toBe("400 VALIDATION_FAILED limit:duplicate");
    expect(await asked("colour=red")).toBe("400 VALIDATION_FAILED colour:unknown_field");
    const empty = await admin.get(`${path}?limit=1`);
    expect(Object.keys(empty.json).toSorted()).toEqual(["data", "next_cursor"]);
  },
);

test("a list filter that is not an id or not in its enum is rejected by name", async () => {
  const member = await platform.person();
  const asked = async (path: string) => problem(await member.get(path));
  expect(await asked("/v1/tasks?status=done")).toBe("400 VALIDATION_FAILED status:not_allowed");
  expect(await asked("/v1/tasks?difficulty=5")).toBe("400 VALIDATION_FAILED difficulty:not_allowed");
  for (const name of ["skill", "creator", "assignee"])
    expect(await asked(`/v1/tasks?${name}=1`)).toBe(`400 VALIDATION_FAILED ${name}:format`);
  expect(await asked("/v1/tasks?q=%00")).toBe("400 VALIDATION_FAILED q:characters");
  expect(await asked("/v1/contributions?user=mine")).toBe("400 VALIDATION_FAILED user:format");
});
