import { beforeAll, expect, test } from "vitest";
import * as v from "valibot";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Page } from "@gotong/core/platform/page.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { ROWS, crowd } from "./crowd.ts";
import { everyRoute } from "./every-route.ts";
import { type Plan, explain } from "./plan.ts";

const platform = usePlatform({ workers: false });
const PAGE = 20;
let big: Person;

beforeAll(async () => {
  platform.variables = { ...platform.variables, OPEN_TASKS: "true" };
  Config.use(platform.variables);
  big = await platform.person(["admin", "verifier"]);
  await crowd(platform.sql, big.id);
}, 300_000);

const idOf = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
const cursor = (list: string, ...keys: string[]) => Page.paging(list, v.array(v.string())).encode(keys);

/** The plans of all queries that a request sends. */
async function plansOf(path: string): Promise<{ text: string; plan: Plan }[]> {
  const queries: { text: string; params: readonly unknown[] }[] = [];
  const stop = Db.watch((text, params) => queries.push({ text, params }));
  const answer = await big.get(path);
  stop();
  expect(answer.status, `${path} ${JSON.stringify(answer.json).slice(0, 300)}`).toBe(200);
  const plans: { text: string; plan: Plan }[] = [];
  for (const query of queries) plans.push({ text: query.text, plan: await explain(platform.sql, query, true) });
  return plans;
}

/** Each list: its path, the name that its cursors contain, and the kind of values by which its cursors continue. */
const LISTS: readonly (readonly [
  path: string,
  list: string,
  key: "id" | "ascending" | "name" | "username" | "event" | "change" | "near",
])[] = [
  ["/v1/tasks", "tasks", "id"],
  ["/v1/tasks?status=open", "tasks", "id"],
  ["/v1/tasks?difficulty=hard", "tasks", "id"],
  ["/v1/tasks?creator=:big", "tasks", "id"],
  ["/v1/tasks?assignee=:big", "tasks", "id"],
  [`/v1/tasks?skill=${idOf(1)}`, "tasks", "id"],
  [`/v1/tasks?skill=${idOf(1)}&status=open&q=common`, "tasks", "id"],
  ["/v1/tasks?q=common", "tasks", "id"],
  ["/v1/tasks?q=rare", "tasks", "id"],
  ["/v1/tasks?status=open&difficulty=easy&creator=:big", "tasks", "id"],
  ["/v1/tasks?status=open,assigned", "tasks", "id"],
  ["/v1/tasks?assignee=me&difficulty=easy,hard", "tasks", "id"],
  ["/v1/tasks?q=word", "tasks", "id"],
  ["/v1/tasks?q=rarr", "tasks", "id"],
  ["/v1/tasks?updated_since=2026-01-01T00:00:00Z", "tasks", "change"],
  ["/v1/tasks?near=-6.9,107.6&status=open", "tasks", "near"],
  ["/v1/tasks?near=-6.9,107.6&radius_km=500&limit=20", "tasks", "near"],
  ["/v1/open-tasks", "open-tasks", "id"],
  ["/v1/contributions", "contributions", "id"],
  ["/v1/contributions?type=custom", "contributions", "id"],
  ["/v1/contributions?type=mentoring", "contributions", "id"],
  [`/v1/contributions?skill=${idOf(1)}`, "contributions", "id"],
  ["/v1/contributions?user=me&status=pending,verified", "contributions", "id"],
  ["/v1/contributions?updated_since=2026-01-01T00:00:00Z", "contributions", "change"],
  ["/v1/verification-queue", "verification-queue", "ascending"],
  ["/v1/vouches", "vouches", "id"],
  ["/v1/vouches?voucher=me", "vouches", "id"],
  [`/v1/vouches?skill=${idOf(1)}`, "vouches", "id"],
  ["/v1/contributions?user=:big", "contributions", "id"],
  ["/v1/contributions?status=pending", "contributions", "id"],
  ["/v1/contributions?user=:big&status=verified", "contributions", "id"],
  [`/v1/contributions?task=${idOf(7)}`, "contributions", "id"],
  [`/v1/contributions/${idOf(8)}/evidence`, "evidence", "id"],
  [`/v1/contributions/${idOf(8)}/verifications`, "verifications", "id"],
  ["/v1/users/:big/contributions", "contributions", "id"],
  ["/v1/users/:big/vouches", "vouches", "id"],
  ["/v1/users", "users", "username"],
  ["/v1/users?q=crowd", "users", "username"],
  ["/v1/users?q=crowd 77", "users", "username"],
  ["/v1/notifications", "notifications", "id"],
  ["/v1/notifications?unread=true", "notifications", "id"],
  ["/v1/me/sessions", "sessions", "id"],
  ["/v1/skills", "skills", "name"],
  ["/v1/skills?category=category 3", "skills", "name"],
  ["/v1/admin/webhook-events", "webhook_events", "event"],
  ["/v1/admin/webhook-events?status=dead", "webhook_events", "event"],
  ["/v1/admin/webhook-failures", "webhook_failures", "id"],
  ["/v1/admin/webhook-failures?redriven=false", "webhook_failures", "id"],
  ["/v1/admin/webhook-failures?redriven=true", "webhook_failures", "id"],
  ["/v1/me/attestations", "attestations", "id"],
  ["/v1/me/blocks", "blocks", "id"],
  ["/v1/admin/reports", "reports", "ascending"],
  ["/v1/admin/reports?status=all", "reports", "ascending"],
  ["/v1/admin/reports?target_type=evidence", "reports", "ascending"],
  ["/v1/admin/reports?reason=fraud&status=resolved", "reports", "ascending"],
  [`/v1/admin/reports?target=${idOf(4)}`, "reports", "ascending"],
  ["/v1/admin/audit-log", "audit_log", "id"],
  ["/v1/admin/audit-log?actor=:big", "audit_log", "id"],
  ["/v1/admin/audit-log?action=evidence.read", "audit_log", "id"],
  [`/v1/admin/audit-log?target=${idOf(3)}`, "audit_log", "id"],
];

test.for(LISTS)(
  "the list %s uses an index, scans no table, and page 5,000 reads no more than page 1",
  async ([asked, list, key]) => {
    const path = asked.replace(":big", big.id);
    const first = await plansOf(path);
    const last = PAGE + 1; // number of the row after page 5,000, if every row is in the list
    const keys = {
      id: [idOf(last)],
      ascending: [idOf(ROWS - last)],
      name: [`skill ${ROWS - last}`],
      change: [idOf(ROWS - last), await updatedAt(ROWS - last, list)],
      near: [idOf(last), "near", "0.001", "20"],
      username: [`crowd-${ROWS - last}`, idOf(ROWS - last)],
      event: [await createdAt(last), `evt_${last.toString(16).padStart(16, "0")}`],
    };
    const deep = await plansOf(`${path}${path.includes("?") ? "&" : "?"}cursor=${cursor(list, ...keys[key])}`);
    const blocks = (plans: typeof first) => plans.reduce((sum, { plan }) => sum + (plan.blocks ?? 0), 0);
    process.stdout.write(`${String(blocks(first)).padStart(6)} ${String(blocks(deep)).padStart(6)} blocks ${asked}\n`);
    for (const { text, plan } of [...first, ...deep]) {
      if (text.startsWith("select set_config(")) continue; // this query reads no table
      expect(plan.scanned, text).toEqual([]);
      expect(plan.indexes.length, text).toBeGreaterThan(0);
    }
    // Upper limit of blocks for page 5,000. PostgreSQL finds each of the 20 rows with at most four blocks, one by one
    // or in a merge, and each of the two people whom a row may name with three: 200 blocks. A list of changes may read
    // one more page of the index and of the table. The list by distance reads each page from the nearest task on, and
    // ends after 500 tasks, with ten blocks for each: 5,000 blocks.
    expect(blocks(deep)).toBeLessThanOrEqual(
      key === "near" ? 5000 : Math.max(blocks(first) + (key === "change" ? 2 : 0), 200),
    );
  },
);

test.for([
  ["zz", "matches no member"],
  ["99999", "matches the last members in the order"],
  ["c cr cro crow crowd ".repeat(4), "repeats beginnings of one word"],
  ["crowd 1 2 3 4 5 6 7 8 9", "matches no member and has only common beginnings"],
] as const)(
  "the search of members for %s, which %s, reads less than 3,000 blocks with 100,000 members",
  async ([q]) => {
    const plans = await plansOf(`/v1/users?limit=100&q=${encodeURIComponent(q)}`);
    const blocks = plans.reduce((sum, { plan }) => sum + (plan.blocks ?? 0), 0);
    process.stdout.write(`${String(blocks).padStart(6)} blocks q=${q}\n`);
    for (const { text, plan } of plans) expect(plan.scanned, text).toEqual([]);
    // Reading all 100,000 members in the order of their names takes 22,158 blocks. The search reads only a window of
    // 2,000 members, in 900 blocks.
    expect(blocks).toBeLessThan(3_000);
  },
);

test("no query of any route or worker scans a table that grows", async () => {
  const queries = new Map<string, readonly unknown[]>();
  // Leaves out `lock table`, which has no plan.
  const stop = Db.watch((text, params) => void (text.startsWith("lock table") || queries.set(text, params)));
  try {
    await everyRoute(platform);
  } finally {
    stop();
  }
  expect(queries.size).toBeGreaterThan(100);
  const scans: string[] = [];
  for (const [text, params] of queries) {
    const { scanned } = await explain(platform.sql, { text, params });
    if (scanned.length > 0) scans.push(`${scanned.join(", ")}: ${text}`);
  }
  process.stdout.write(`${queries.size} different queries explained\n`);
  expect(scans).toEqual([]);
});

async function updatedAt(n: number, table: string): Promise<string> {
  const [row] = await platform.sql.unsafe(
    `select to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at from ${table === "contributions" ? table : "tasks"} where id = '${idOf(n)}'`,
  );
  return String(row?.["at"]);
}

async function createdAt(n: number): Promise<string> {
  const [row] =
    await platform.sql`select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at from webhook_events where id = ${`evt_${n.toString(16).padStart(16, "0")}`}`;
  return String(row?.["at"]);
}
