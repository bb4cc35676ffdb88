import { randomBytes, randomUUID } from "node:crypto";
import type postgres from "postgres";
import { expect, test } from "vitest";
import { Leftovers } from "@gotong/core/outbox/index.ts";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { recordOutcomes } from "@gotong/core/webhook/index.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { sized } from "../../harness/size.ts";
import { crowd } from "./crowd.ts";
import { explain } from "./plan.ts";

const platform = usePlatform({ workers: false });
const FEW = 1_000;
/** Number of rows; a million in the long form (`npm run long -- tests tests/system/explain/growth.test.ts`). */
const MANY = sized(100_000, 1_000_000);
/**
 * An index of 100,000 rows has one level more than an index of 1,000 rows, so that the sweep's two statements touch 4
 * index pages instead of 2.
 */
const DEEPER = 2;
/** The tables that the requests below read or write. */
const TABLES =
  "users skills tasks task_skills contributions uploads evidence witnesses verifications vouches blocks sessions refresh_tokens quotas event_subjects webhook_events webhook_attempts webhook_failures reputation_cache".split(
    " ",
  );
const idOf = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
const CONTRIBUTION = { contribution_type: "mentoring", title: "Taught masonry", skill_ids: [idOf(1)] };

/** The most frequent requests, and the work for every event. None of them makes the tables grow. */
const HOT: readonly (readonly [name: string, run: (big: Person) => Promise<unknown>])[] = [
  ["GET /v1/tasks", (big) => big.get("/v1/tasks")],
  ["GET /v1/tasks?status=open", (big) => big.get("/v1/tasks?status=open")],
  ["GET /v1/tasks?creator=me", (big) => big.get("/v1/tasks?creator=me")],
  ["GET /v1/tasks?skill=…", (big) => big.get(`/v1/tasks?skill=${idOf(1)}`)],
  ["GET /v1/tasks/{task_id}", (big) => big.get(`/v1/tasks/${idOf(501)}`)],
  ["GET /v1/contributions?user=me", (big) => big.get("/v1/contributions?user=me")],
  ["GET /v1/contributions/{contribution_id}", (big) => big.get(`/v1/contributions/${idOf(502)}`)],
  ["GET /v1/me", (big) => big.get("/v1/me")],
  ["POST /v1/contributions", (big) => big.post("/v1/contributions", CONTRIBUTION)],
  ["the sweep", () => Leftovers.publishLeftovers()],
  [
    "an outcome",
    () =>
      recordOutcomes([
        {
          attempt_id: randomUUID(),
          event_id: "evt_00000000000001f4",
          result: "delivered",
          attempted_at: new Date().toISOString(),
          latency_ms: 1,
          status: 200,
          error: null,
          response_head: null,
        },
      ]),
  ],
];

/** Returns the number of 8 KB pages that the statements of each frequent request touch. */
async function pages(big: Person): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const [name, run] of HOT) {
    await Cache.close(); // empties the cache, so that every request queries the database
    const queries: { text: string; params: readonly unknown[] }[] = [];
    const stop = Db.watch((text, params) => queries.push({ text, params }));
    await run(big);
    stop();
    expect(queries.length, name).toBeGreaterThan(0);
    let sum = 0;
    for (const query of queries) sum += await blocksOf(query);
    found.set(name, sum);
  }
  return found;
}

class RolledBack extends Error {}

/** The number of pages that one statement touches when it runs again in a transaction, which is rolled back. */
async function blocksOf({ text, params }: { text: string; params: readonly unknown[] }): Promise<number> {
  let blocks = 0;
  const again = async (sql: Pick<postgres.Sql, "unsafe">) => {
    // Runs it twice: the first run also sets hint bits, which later readers of new rows need not set.
    for (let runs = 0; runs < 2; runs += 1)
      ({ blocks = 0 } = await explain(sql, { text, params: fresh(params) }, true));
    throw new RolledBack();
  };
  await platform.sql.begin(again).catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error;
  });
  return blocks;
}

/**
 * Returns the parameters of an insert with new ids and with time limits in the future, as another request would send
 * them.
 */
function fresh(params: readonly unknown[]): unknown[] {
  const known = params.some((value) => typeof value === "string" && value.startsWith("contribution:"));
  const [uuid, event] = [randomUUID(), `evt_${randomBytes(8).toString("hex")}`];
  const [, old = ""] = params.flatMap(
    (value) => (typeof value === "string" && /^contribution:(.*)$/.exec(value)) || [],
  );
  return params.map((value) => {
    if (typeof value !== "string") return value;
    if (/^\d{4}-\d\d-\d\dT.*Z$/.test(value)) return new Date(Date.now() + 3_600_000).toISOString();
    if (!known) return value;
    return value.replaceAll(old, uuid).replace(/^evt_[0-9a-f]+$/, event);
  });
}

test(`no frequent request touches more than 1.5 times as many pages with ${MANY} rows as with ${FEW}`, async () => {
  const big = await platform.person(["verifier"]);
  await crowd(platform.sql, big.id, { to: FEW, tables: TABLES });
  const few = await pages(big);
  await crowd(platform.sql, big.id, { from: FEW + 1, to: MANY, tables: TABLES });
  const grown = () => [...few].map(([name, before]) => ({ name, before, after: many.get(name) ?? Number.NaN }));
  const tooLarge = () => grown().filter(({ before, after }) => after > Math.max(1.5 * before, before + DEEPER));
  const many = await pages(big);
  // Runs ANALYZE again, up to three times, while a request touches too many pages. ANALYZE reads a random sample of
  // rows: by most samples PostgreSQL plans `?skill=` with 251 pages, by a third of them with 329.
  for (let samples = 1; samples < 4 && tooLarge().length > 0; samples += 1) {
    await platform.sql`analyze`;
    for (const [name, after] of await pages(big)) many.set(name, Math.min(after, many.get(name) ?? after));
  }
  for (const { name, before, after } of grown())
    process.stdout.write(`${String(before).padStart(6)} ${String(after).padStart(6)} pages ${name}\n`);
  expect(tooLarge()).toEqual([]);
}, 900_000);
