import { beforeAll, expect, test } from "vitest";
import { GROUPS } from "@gotong/api/routes/index.ts";
import { usePlatform } from "../../harness/platform.ts";
import { type Cast, cast } from "./cast.ts";
import { ACTORS } from "./row.ts";
import { ROWS } from "./rows.ts";

const platform = usePlatform({ workers: false });
let all: Cast;

beforeAll(async () => {
  all = await cast(platform);
});

/** All routes of the API, as `METHOD /path`. */
async function routes(): Promise<string[]> {
  const found = new Set<string>();
  for (const [base, load] of Object.entries(GROUPS)) {
    for (const { method, path } of (await load()).routes) {
      if (method === "ALL") continue; // middleware is registered for all methods
      found.add(`${method} ${base === "/" ? path : `${base}${path === "/" ? "" : path}`}`);
    }
  }
  return [...found];
}

test("every route has a row in the authorisation matrix, and every row is a route", async () => {
  expect((await routes()).toSorted()).toEqual(Object.keys(ROWS).toSorted());
});

/**
 * For each table, the number of rows and the id of the newest transaction that wrote a row. Different values mean a
 * change.
 */
async function contents(): Promise<Record<string, string>> {
  const tables = await platform.sql<
    { name: string }[]
  >`select tablename as name from pg_tables where schemaname = 'public'`;
  const found: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] =
      await platform.sql`select count(*)::text || ' ' || coalesce(max(xmin::text::bigint), 0) as content from ${platform.sql(name)}`;
    found[name] = String(row?.["content"]);
  }
  return found;
}

test("no GET route changes a table, except for the audit log, the cache of reputations and the list of public keys", async () => {
  const asked: { readonly path: string; readonly token: string }[] = [];
  for (const [route, row] of Object.entries(ROWS)) {
    if (!route.startsWith("GET ")) continue;
    const asker = await all.asker("admin", false);
    asked.push({ path: (await row.ask(all, "admin", asker)).path, token: asker?.token ?? "" });
  }
  const before = await contents();
  for (const { path, token } of asked) await platform.request("GET", path, { token });
  const after = await contents();
  const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
  expect(changed.filter((name) => !["audit_log", "reputation_cache", "proof_keys"].includes(name))).toEqual([]);
});

test.for(Object.entries(ROWS))(
  "the route %s admits exactly the actors that the authorisation matrix names",
  async ([route, row]) => {
    const [method = ""] = route.split(" ");
    const statuses: Record<string, number> = {};
    for (const who of ACTORS) {
      const asker = await all.asker(who, row.asNewcomer ?? false);
      const { path, body } = await row.ask(all, who, asker);
      const answer = await platform.request(method, path, {
        ...(asker ? { token: asker.token } : {}),
        ...(body === undefined ? {} : { body }),
      });
      statuses[who] = answer.status;
      if (answer.status === 401) {
        expect(answer.json["code"]).toBe("UNAUTHENTICATED");
        expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer /);
      }
      if (answer.status >= 400) expect(answer.headers.get("content-type")).toBe("application/problem+json");
    }
    expect(statuses).toEqual(row.statuses);
  },
);
