import { beforeEach, expect, test } from "vitest";
import * as v from "valibot";
import { OpenPage } from "@gotong/core/domain/task/schema.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { taskInput } from "../../harness/factories.ts";
import { usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
beforeEach(() => Config.use({ ...platform.variables, OPEN_TASKS: "true" }));

const look = (query = "", headers: Record<string, string> = {}) =>
  platform.request("GET", `/v1/open-tasks${query}`, { headers });

test("people without an account see no tasks unless the stage's setting allows it", async () => {
  Config.use(platform.variables);
  expect(problem(await look())).toBe("404 NOT_FOUND");
});

test("people without an account see open tasks without members, descriptions and exact places", async () => {
  const creator = await platform.person();
  const admin = await platform.person(["admin"]);
  const skill = await admin.post("/v1/skills", { name: `Walls ${creator.id}`, category: "craft" });
  const exact = { lat: -6.914744, lon: 107.60981 };
  const made = await creator.post("/v1/tasks", {
    ...taskInput(),
    title: "Clear the drain",
    description: "Ask Pak Budi, house 7.",
    location: "Jalan Melati 7",
    coordinates: exact,
    people_needed: 3,
    skill_ids: [skill.json["id"]?.valueOf()],
    metadata: { phone: "0812" },
  });
  const id = String(made.json["id"]);
  const page = await look();
  const { data } = v.parse(OpenPage, page.json);
  const shown = data.find((task) => task.id === id);
  expect(shown).toMatchObject({
    title: "Clear the drain",
    people_needed: 3,
    places_left: 3,
    coordinates_precision_km: 5,
    skills: [`Walls ${creator.id}`],
  });
  expect(shown?.coordinates).not.toEqual(exact);
  expect(Math.abs((shown?.coordinates?.lat ?? 0) - exact.lat)).toBeLessThan(0.03);
  const text = JSON.stringify(page.json).replace(`Walls ${creator.id}`, "");
  for (const secret of [creator.id, "Budi", "Melati", "0812"]) expect(text).not.toContain(secret);
});

test("the public list keeps the precision of a place that a task's creator chose if it is coarser than the list's own", async () => {
  const creator = await platform.person();
  const made = await creator.post("/v1/tasks", {
    ...taskInput(),
    coordinates: { lat: -6.9, lon: 107.6, precision_km: 20 },
  });
  const { data } = v.parse(OpenPage, (await look()).json);
  const shown = data.find((task) => task.id === made.json["id"]?.valueOf());
  expect([shown?.coordinates, shown?.coordinates_precision_km]).toEqual([made.json["coordinates"], 20]);
});

test("the public list contains neither hidden nor claimed tasks, and its pages are complete", async () => {
  const [creator, helper, admin] = [await platform.person(), await platform.person(), await platform.person(["admin"])];
  const paths: string[] = [];
  for (let task = 0; task < 4; task += 1)
    paths.push(`/v1/tasks/${String((await creator.post("/v1/tasks", taskInput())).json["id"])}`);
  const [hidden = "", claimed = "", ...open] = paths;
  await admin.post(`${hidden.replace("/v1/", "/v1/admin/")}/hide`, { reason: "spam" });
  await helper.post(`${claimed}/claim`);
  const seen: string[] = [];
  for (let query = "?limit=2"; query !== "";) {
    const { data, next_cursor } = v.parse(OpenPage, (await look(query)).json);
    seen.push(...data.map(({ id }) => `/v1/tasks/${id}`));
    query = next_cursor === null ? "" : `?limit=2&cursor=${next_cursor}`;
  }
  expect(paths.filter((path) => seen.includes(path))).toEqual(open);
  expect(new Set(seen).size).toBe(seen.length);
});

test("every cache may store the public list for a minute and revalidate it", async () => {
  const first = await look();
  expect(first.headers.get("cache-control")).toBe("public, max-age=60, stale-while-revalidate=300");
  expect(first.headers.get("vary")).not.toContain("authorization");
  const again = await look("", { "if-none-match": first.headers.get("etag") ?? "" });
  expect(again.status).toBe(304);
});

test("requests without an account are limited by address", async () => {
  Config.use({ ...platform.variables, OPEN_TASKS: "true", RATE_LIMIT_PER_MINUTE: "2" });
  const ask = () => platform.request("GET", "/v1/open-tasks", { address: "203.0.113.77" });
  const statuses = [await ask(), await ask(), await ask()].map(({ status }) => status);
  expect(statuses).toEqual([200, 200, 429]);
});
