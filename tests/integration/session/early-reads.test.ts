// A list of tasks is read while its session is still checked (`requireMember`). The check decides which response is
// sent. Other processes may end a session at any time, so these tests end it in the database.
import { afterEach, beforeEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Access } from "@gotong/core/domain/session/access.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
let person: Person;

beforeEach(async () => {
  person = await platform.person();
  await person.post("/v1/tasks", { title: "Repair the bridge", description: "Two planks.", difficulty: "easy" });
});
afterEach(() => Config.use(platform.variables));

const endSessions = () => platform.sql`update sessions set ended_at = now() where user_id = ${person.id}`;
/** The member of the check before the one that this function makes, which has ended when it returns. */
async function previousMember() {
  const { previous, member } = Access.check(person.token);
  await member;
  return previous;
}
const list = (query = "", headers: Readonly<Record<string, string>> = {}) =>
  platform.request("GET", `/v1/tasks${query}`, { token: person.token, headers });

test("a list that was read before is refused as soon as its session has ended, and its response has nothing of the list", async () => {
  expect((await list()).status).toBe(200);
  expect((await previousMember())?.userId).toBe(person.id);
  await endSessions();
  const refused = await list();
  expect(refused.status).toBe(401);
  expect(refused.json["code"]).toBe("UNAUTHENTICATED");
  expect(refused.json["data"]).toBeUndefined();
  expect(refused.headers.get("content-type")).toBe("application/problem+json");
  expect(refused.headers.get("etag")).toBeNull();
  expect(refused.headers.get("cache-control")).toBe("no-store");
  // The second request is not read early any more.
  expect(await previousMember()).toBeUndefined();
  expect((await list()).status).toBe(401);
});

test("a revalidation and an invalid query of an ended session are answered like any request of an ended session", async () => {
  const { headers } = await list();
  await endSessions();
  expect((await list("", { "if-none-match": String(headers.get("etag")) })).status).toBe(401);

  const other = await platform.person();
  const invalid = () => other.get("/v1/tasks?limit=0");
  expect((await other.get("/v1/tasks")).status).toBe(200);
  expect((await invalid()).status).toBe(400);
  await platform.sql`update sessions set ended_at = now() where user_id = ${other.id}`;
  expect((await invalid()).status).toBe(401);
});

test("a list whose session cannot be checked is a failure of the platform, even if the list itself could be read", async () => {
  expect((await list()).status).toBe(200);
  await platform.sql`alter table sessions rename to sessions_of_before`;
  try {
    const failed = await list();
    expect(failed.status).toBe(500);
    expect(failed.json["data"]).toBeUndefined();
  } finally {
    await platform.sql`alter table sessions_of_before rename to sessions`;
  }
  expect((await list()).status).toBe(200);
});

test("the filter `me` stands for the member of the token in a list that is read early", async () => {
  const other = await platform.person();
  for (const one of [person, other, person, other]) {
    const { json } = await one.get("/v1/tasks?creator=me");
    expect(json["data"]).toHaveLength(one === person ? 1 : 0);
  }
});

test("lists that are read early count to the limit of their member", async () => {
  Config.use({ ...platform.variables, RATE_LIMIT_PER_MINUTE: "5" });
  const other = await platform.person();
  const statuses: number[] = [];
  for (let count = 0; count < 7; count += 1) statuses.push((await other.get("/v1/tasks")).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
});
