import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { taskInput } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });

const idsOf = (answer: Answer): string[] => {
  expect(answer.status, JSON.stringify(answer.json)).toBe(200);
  return [
    ...JSON.stringify(answer.json["data"]).matchAll(/\{"id":"([0-9a-f-]{36})","(?:creator_id|user_id|voucher_id)"/g),
  ].map(([, id = ""]) => id);
};
async function all(who: Person, path: string, limit = 3): Promise<string[]> {
  const found: string[] = [];
  for (let cursor = "", pages = 0; ; pages += 1) {
    expect(pages).toBeLessThan(60);
    const page = await who.get(`${path}&limit=${limit}${cursor}`);
    found.push(...idsOf(page));
    const next: unknown = page.json["next_cursor"]?.valueOf();
    if (typeof next !== "string") return found;
    cursor = `&cursor=${next}`;
  }
}
const publish = async (who: Person, fields: object = {}) =>
  String((await who.post("/v1/tasks", taskInput(fields))).json["id"]);

test("a filter of tasks accepts several values, and `me` for the caller, even in cached lists", async () => {
  const [one, other] = [await platform.person(), await platform.person()];
  const [open, taken, cancelled] = [await publish(one), await publish(one), await publish(one, { difficulty: "hard" })];
  const foreign = await publish(other);
  await other.post(`/v1/tasks/${taken}/claim`);
  await one.post(`/v1/tasks/${cancelled}/cancel`);
  expect(await all(one, "/v1/tasks?creator=me&status=open,assigned")).toEqual([taken, open]);
  expect(await all(other, "/v1/tasks?creator=me&status=open,assigned")).toEqual([foreign]);
  expect(await all(one, "/v1/tasks?creator=me")).toEqual([cancelled, taken, open]);
  expect(await all(other, "/v1/tasks?creator=me")).toEqual([foreign]);
  expect(await all(other, "/v1/tasks?assignee=me&difficulty=hard,easy")).toEqual([taken]);
  const refused = async (query: string) => problem(await one.get(`/v1/tasks?${query}`));
  expect(await refused("status=open,closed")).toBe("400 VALIDATION_FAILED status:not_allowed");
  expect(await refused("creator=myself")).toBe("400 VALIDATION_FAILED creator:format");
});

test("contributions are filtered by type, skill and several statuses, and vouches by voucher", async () => {
  const [member, other, admin] = [await platform.person(), await platform.person(), await platform.person(["admin"])];
  const name = `S ${randomBytes(6).toString("hex")}`;
  const skill = String((await admin.post("/v1/skills", { name, category: "test" })).json["id"]);
  const record = async (contribution_type: string, skill_ids: string[] = []) =>
    String((await member.post("/v1/contributions", { contribution_type, title: "Work", skill_ids })).json["id"]);
  const [taught, coded, dug] = [
    await record("mentoring", [skill]),
    await record("code_review"),
    await record("custom", [skill]),
  ];
  expect(await all(other, `/v1/contributions?user=${member.id}&type=mentoring,code_review`)).toEqual([coded, taught]);
  expect(await all(other, `/v1/contributions?skill=${skill}`)).toEqual([dug, taught]);
  expect(await all(member, "/v1/contributions?user=me&status=pending,rejected")).toEqual([dug, coded, taught]);
  expect(await all(member, `/v1/users/${member.id}/contributions?type=custom`)).toEqual([dug]);
  const given = String((await member.post("/v1/vouches", { vouchee_id: other.id })).json["id"]);
  const received = String((await other.post("/v1/vouches", { vouchee_id: member.id })).json["id"]);
  expect(await all(member, "/v1/vouches?voucher=me")).toEqual([given]);
  expect(await all(member, "/v1/vouches?vouchee=me")).toEqual([received]);
  expect(await all(admin, `/v1/vouches?voucher=${other.id}&vouchee=${member.id}`)).toEqual([received]);
});

test("`updated_since` lists tasks in the order of their changes, and pages lose no row of the same millisecond", async () => {
  const member = await platform.person();
  const ids: string[] = [];
  for (let n = 0; n < 7; n += 1) ids.push(await publish(member));
  const [first = "", second = ""] = ids;
  const before = "2001-01-01T00:00:00Z";
  // All changes are in one millisecond, and some in the same microsecond.
  for (const [n, id] of ids.entries())
    await platform.sql`update tasks set updated_at = ${`2001-01-01T00:00:01.00000${Math.floor(n / 2)}Z`} where id = ${id}`;
  expect(await all(member, `/v1/tasks?creator=me&updated_since=${before}`, 2)).toEqual(ids);
  await member.post(`/v1/tasks/${first}/claim`);
  expect(await all(member, `/v1/tasks?creator=me&updated_since=${before}`, 2)).toEqual([...ids.slice(1), first]);
  expect(await all(member, "/v1/tasks?creator=me&updated_since=2020-01-01T00:00:00Z")).toEqual([first]);
  await member.send("PATCH", `/v1/tasks/${second}`, { title: "Changed" });
  expect(await all(member, "/v1/tasks?creator=me&updated_since=2020-01-01T00:00:00Z")).toEqual([first, second]);
  const contribution = await contributionOf(member);
  expect(await all(member, "/v1/contributions?user=me&updated_since=2020-01-01T00:00:00Z")).toEqual([contribution]);
});

const RADIANS = Math.PI / 180;
/** Computes the distance by the haversine formula, unlike the database, which uses chords. */
function kilometres(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const half = (from: number, to: number) => Math.sin(((to - from) * RADIANS) / 2) ** 2;
  const h = half(a.lat, b.lat) + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * half(a.lon, b.lon);
  return 2 * 6371.0088 * Math.asin(Math.sqrt(h));
}

test.for([
  ["Bandung", { lat: -6.9147, lon: 107.6098 }],
  ["the date line", { lat: -16.8, lon: 179.99 }],
  ["a pole", { lat: 89.8, lon: 10 }],
] as const)("`near` lists the tasks within the radius around %s, nearest first, page by page", async ([, point]) => {
  const member = await platform.person();
  const places = Array.from({ length: 24 }, (_, n) => {
    const lat = point.lat + ((n * 7) % 11) * 0.012 - 0.06; // beside the pole, where all longitudes are the same place
    const lon = point.lon + ((n * 5) % 13) * 0.015 - 0.0871;
    return { lat, lon: lon > 180 ? lon - 360 : lon };
  });
  const ids: string[] = [];
  for (const coordinates of places) ids.push(await publish(member, { coordinates }));
  await publish(member); // a task without a place
  const wanted = places
    .map((place, n) => [ids[n] ?? "", kilometres(point, place)] as const)
    .filter(([, km]) => km <= 8)
    .toSorted(([, a], [, b]) => a - b);
  expect(wanted.length).toBeGreaterThan(3);
  const path = `/v1/tasks?creator=me&near=${point.lat},${point.lon}&radius_km=8`;
  expect(await all(member, path)).toEqual(wanted.map(([id]) => id));
  const page = await member.get(`${path}&limit=1`);
  expect(Math.abs(Number(page.json["data"]?.[0]?.["distance_km"]) - (wanted[0]?.[1] ?? 0))).toBeLessThan(0.01);
});

test("a task's place may have coordinates arbitrarily near to zero, and so may a search by distance", async () => {
  const member = await platform.person();
  const id = await publish(member, { coordinates: { lat: 90, lon: -1.5e-323 } });
  expect(await all(member, "/v1/tasks?creator=me&near=90,0&radius_km=1")).toEqual([id]);
  expect(await all(member, "/v1/tasks?creator=me&near=89.9999,0.5&radius_km=1")).toEqual([id]);
});

test("a place with a precision is stored as the middle of its cell, and neither responses nor tables contain the exact place", async () => {
  const member = await platform.person();
  const exact = { lat: -6.914_712, lon: 107.609_834 };
  for (const precision_km of [1, 5, 20] as const) {
    const made = await member.post("/v1/tasks", taskInput({ coordinates: { ...exact, precision_km } }));
    expect(made.json["coordinates_precision_km"]).toBe(precision_km);
    const shown = { lat: Number(made.json["coordinates"]?.["lat"]), lon: Number(made.json["coordinates"]?.["lon"]) };
    expect(kilometres(exact, shown)).toBeLessThanOrEqual(precision_km * Math.SQRT1_2 + 0.02);
    // Another house in the same cell gets the same coordinates.
    const offset = 0.000_01;
    const neighbour = await member.post(
      "/v1/tasks",
      taskInput({ coordinates: { lat: exact.lat - offset, lon: exact.lon + offset, precision_km } }),
    );
    expect(neighbour.json["coordinates"]).toEqual(made.json["coordinates"]);
    const [row] = await platform.sql`select tasks::text as text from tasks where id = ${String(made.json["id"])}`;
    expect(String(row?.["text"])).not.toContain("6.9147");
  }
  const moved = await member.post("/v1/tasks", taskInput({ coordinates: exact }));
  expect(moved.json).toMatchObject({ coordinates: exact, coordinates_precision_km: null });
  const path = `/v1/tasks/${String(moved.json["id"])}`;
  const coarse = await member.send("PATCH", path, { coordinates: { ...exact, precision_km: 5 } });
  expect(coarse.json["coordinates_precision_km"]).toBe(5);
  const none = await member.send("PATCH", path, { coordinates: null });
  expect(none.json).toMatchObject({ coordinates: null, coordinates_precision_km: null });
  expect(problem(await member.send("PATCH", path, { coordinates: { ...exact, precision_km: 2 } }))).toBe(
    "400 VALIDATION_FAILED coordinates.precision_km:not_allowed",
  );
});
