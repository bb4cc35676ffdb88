import { expect, test } from "vitest";
import { Skill } from "@gotong/core/domain/skill/index.ts";
import { usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
const titleOf = ({ id }: { id: string }) => `Task of ${id.replaceAll("-", "")}`;

test("the items of a task list, which PostgreSQL builds as JSON, equal the tasks that are requested one by one", async () => {
  const [creator, assignee] = [await platform.person(), await platform.person()];
  await Skill.ensure("Masonry", "Building");
  const skills = (await creator.get("/v1/skills")).json["data"];
  const plain = { title: 'Repair "the" bridge \\ / \u{1F309}', description: "", difficulty: "easy" };
  const full = {
    ...plain,
    location: "Bandung",
    coordinates: { lat: -6.9175, lon: 0.0000001 },
    estimated_hours: 2.5,
    skill_ids: [skills?.[0]?.["id"]],
    metadata: { priority: "high", nested: { list: [1, "a", null, 1e-7] } },
  };
  await creator.post("/v1/tasks", plain);
  const times = { starts_at: "2027-01-01T08:00:00Z", ends_at: "2027-01-01T10:00:00Z" };
  const shared = { ...plain, ...times, people_needed: 3, claim_hours: 2, repeats: "weekly" };
  const together = await creator.post("/v1/tasks", shared);
  for (const person of [assignee, creator]) await person.post(`/v1/tasks/${String(together.json["id"])}/claim`);
  await creator.post(`/v1/tasks/${String(together.json["id"])}/start`);
  const { json } = await creator.post("/v1/tasks", full);
  await assignee.post(`/v1/tasks/${String(json["id"])}/claim`);
  await assignee.post(`/v1/tasks/${String(json["id"])}/start`);
  const page = await creator.get(`/v1/tasks?creator=${creator.id}`);
  expect(page.json["data"]).toHaveLength(3);
  for (const index of [0, 1, 2]) {
    const item = page.json["data"]?.[index];
    const single = await creator.get(`/v1/tasks/${String(item?.["id"])}`);
    expect(item).toEqual(single.json);
    expect(Object.keys(item ?? {})).toEqual(Object.keys(single.json));
  }
});

test("concurrent requests for task lists, with each filter and from a cursor, each get their own list", async () => {
  const [one, other] = [await platform.person(), await platform.person()];
  for (const person of [one, other])
    for (const difficulty of ["easy", "hard", "easy"])
      await person.post("/v1/tasks", { title: titleOf(person), description: "", difficulty });
  const titles = (answer: { json: Record<string, unknown> }) =>
    JSON.stringify(answer.json["data"]).match(/Task of \w+/g) ?? [];
  const [all, hard, ofOne, ofOther, search] = await Promise.all([
    one.get("/v1/tasks?limit=6"),
    one.get(`/v1/tasks?difficulty=hard&creator=${one.id}`),
    one.get(`/v1/tasks?creator=${one.id}&limit=2`),
    other.get(`/v1/tasks?creator=${other.id}`),
    other.get(`/v1/tasks?q=${encodeURIComponent(`"${titleOf(other)}"`)}`),
  ]);
  expect(titles(all)).toHaveLength(6);
  expect(titles(hard)).toEqual([titleOf(one)]);
  expect(titles(ofOne)).toEqual([titleOf(one), titleOf(one)]);
  expect(new Set([...titles(ofOther), ...titles(search)])).toEqual(new Set([titleOf(other)]));
  const next = await one.get(`/v1/tasks?creator=${one.id}&limit=2&cursor=${String(ofOne.json["next_cursor"])}`);
  expect([titles(next), next.json["next_cursor"]]).toEqual([[titleOf(one)], null]);
});
