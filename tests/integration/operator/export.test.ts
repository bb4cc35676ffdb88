import { expect, test } from "vitest";
import * as v from "valibot";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
const Cursor = v.object({ folder: v.string(), table: v.string(), objects: v.number() });

test("`gotong export` writes every row of every table once, in steps, and no credentials", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  // Inserts more rows than fit into one object of the export, also into a table whose key has two columns.
  await platform.sql`insert into skills (id, name, category)
    select gen_random_uuid(), 'Skill ' || n, 'Test' from generate_series(1, 1100) n`;
  await platform.sql`insert into user_skills (user_id, skill_id) select ${member.id}, id from skills`;
  const { answer } = await import("@gotong/ops/lambda.ts");
  const objects: { readonly table: string; readonly rows: readonly Record<string, unknown>[] }[] = [];
  for (let cursor: unknown; ;) {
    const said = await answer(
      { words: ["export"], operator: "sari@laptop", ...(cursor === undefined ? {} : { cursor }) },
      0,
    );
    if (said.status === "failed") throw new Error(said.message);
    if (said.status === "done") break;
    cursor = said.cursor;
    // A step with a time limit of zero finishes after each object.
    const { folder, table, objects: count } = v.parse(Cursor, cursor);
    const bytes = await Storage.read(`${folder}/${String(count).padStart(6, "0")}-${table}.jsonl`, undefined);
    const lines = Buffer.from(bytes).toString().trimEnd().split("\n");
    objects.push({ table, rows: lines.map((line) => v.parse(v.record(v.string(), v.unknown()), JSON.parse(line))) });
  }
  expect(objects.length).toBeGreaterThan(5);
  const rowsOf = (table: string) => objects.filter((object) => object.table === table).flatMap(({ rows }) => rows);
  expect(rowsOf("users")).toMatchObject([{ id: member.id, email: member.email }]);
  expect(rowsOf("contributions")).toMatchObject([{ id: contributionId }]);
  for (const table of ["skills", "user_skills"]) {
    const [{ n } = { n: 0 }] = await platform.sql<
      { n: number }[]
    >`select count(*)::int as n from ${platform.sql(table)}`;
    expect(rowsOf(table), table).toHaveLength(n);
    expect(new Set(rowsOf(table).map((row) => JSON.stringify(row))).size, table).toBe(n);
  }
  const columns = new Set(objects.flatMap(({ rows }) => rows.flatMap((row) => Object.keys(row))));
  expect([...columns].filter((name) => /password|secret|token|code_hash/.test(name))).toEqual([]);
  const [audited] = await platform.sql`select action, target_id from audit_log where target_id = 'export'`;
  expect(audited).toMatchObject({ action: "operator.command" });
});
