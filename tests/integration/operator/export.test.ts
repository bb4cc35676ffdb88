import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });

/** The objects below `exports/`, each with its lines. */
async function exported() {
  const { S3_ENDPOINT = "", S3_ACCESS_KEY = "", S3_SECRET_KEY = "", S3_BUCKET: Bucket = "" } = platform.variables;
  const credentials = { accessKeyId: S3_ACCESS_KEY, secretAccessKey: S3_SECRET_KEY };
  const s3 = new S3Client({ endpoint: S3_ENDPOINT, region: "us-east-1", forcePathStyle: true, credentials });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "exports/" }));
  const objects: { readonly table: string; readonly rows: readonly Record<string, unknown>[] }[] = [];
  for (const { Key = "" } of Contents) {
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const lines = ((await answer.Body?.transformToString()) ?? "").trimEnd().split("\n");
    objects.push({ table: /\d+-(\w+)\.jsonl$/.exec(Key)?.[1] ?? Key, rows: lines.map((line) => JSON.parse(line)) });
  }
  return objects;
}

test("an export has every row of every table once, in steps, and nothing to sign in with", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  // More rows than one object takes, with a key of two columns.
  await platform.sql`insert into skills (id, name, category)
    select gen_random_uuid(), 'Skill ' || n, 'Test' from generate_series(1, 1100) n`;
  await platform.sql`insert into user_skills (user_id, skill_id) select ${member.id}, id from skills`;
  const { answer } = await import("@gotong/ops/lambda.ts");
  let steps = 0;
  for (let cursor: unknown; ; steps += 1) {
    const said = await answer(
      { words: ["export"], operator: "sari@laptop", ...(cursor === undefined ? {} : { cursor }) },
      0,
    );
    if (said.status === "failed") throw new Error(said.message);
    if (said.status === "done") break;
    cursor = said.cursor;
  }
  expect(steps).toBeGreaterThan(5);
  const objects = await exported();
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
