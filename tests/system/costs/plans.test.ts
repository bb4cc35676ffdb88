// PostgreSQL plans a prepared statement at each execution while it estimates a lower cost for known values. It plans a
// statement at least five times before it decides, so these counts do not depend on the host.
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Db, statement } from "@gotong/core/platform/db/index.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
let member: Person;

beforeAll(async () => {
  // Uses a single connection, since each connection prepares its own statements.
  Config.use({ ...platform.variables, DATABASE_POOL_SIZE: "1" });
  await Db.close();
  member = await platform.person();
});
afterAll(() => Db.close());

const REQUESTS = 12;
const PLANNED_AT_MOST = 5;
const prepared = statement<readonly [text: string, planned: number, executed: number]>(
  () => sql`select statement, custom_plans::int, (custom_plans + generic_plans)::int from pg_prepared_statements`,
);

test("a connection plans the statements of pages without a filter and of contributions at most five times", async () => {
  const first = await member.get("/v1/tasks?limit=1");
  expect(first.status).toBe(200);
  for (let count = 1; count <= REQUESTS; count += 1) {
    const task = { title: "Repair the bridge", description: "Two planks are loose.", difficulty: "easy" };
    expect((await member.post("/v1/tasks", task)).status).toBe(201);
    const contribution = { contribution_type: "community_service", title: "Cleared the drain" };
    expect((await member.post("/v1/contributions", contribution)).status).toBe(201);
    const page = await member.get(`/v1/tasks?limit=${count}`);
    expect(page.status).toBe(200);
    if (page.json["next_cursor"] === null) continue;
    const cursor = String(page.json["next_cursor"]);
    expect((await member.get(`/v1/tasks?limit=${count}&cursor=${cursor}`)).status).toBe(200);
  }
  const hot = (await prepared({})).filter(
    ([text, , executed]) => /asked|sent as/.test(text) && executed > PLANNED_AT_MOST,
  );
  expect(hot.length).toBeGreaterThanOrEqual(4);
  for (const [text, planned] of hot) expect(planned, text).toBeLessThanOrEqual(PLANNED_AT_MOST);
});
