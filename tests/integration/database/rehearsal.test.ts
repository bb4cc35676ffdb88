import { mkdtemp, readFile, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { expect, test } from "vitest";
import { migrate } from "@gotong/core/platform/db/index.ts";
import { destructive } from "@gotong/ops/migrations/lint.ts";
import { emptyDatabase } from "../../harness/database.ts";
import { sized } from "../../harness/size.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "migrations");
const BREAKPOINT = "--> statement-breakpoint";

const filesOf = async () => (await readdir(FOLDER)).filter((name) => name.endsWith(".sql")).toSorted();
const textOf = (name: string) => readFile(join(FOLDER, name), "utf8");

/** All tables, columns, constraints, indexes and triggers, as PostgreSQL describes them. */
async function schemaOf(url: string): Promise<string> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const rows = await sql`
      select 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') as one
        from information_schema.columns where table_schema = 'public'
      union all select 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
      union all select 'index ' || indexdef from pg_indexes where schemaname = 'public'
      union all select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
      union all select 'function ' || proname from pg_proc where pronamespace = 'public'::regnamespace
      order by 1`;
    return rows.map((row) => String(row["one"])).join("\n");
  } finally {
    await sql.end();
  }
}

/** Creates a folder that contains these files. */
async function folderOf(files: ReadonlyMap<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gotong-rehearsal-"));
  for (const [name, text] of files) await writeFile(join(folder, name), text);
  return folder;
}

test(
  "a migration that is aborted at any statement leaves the schema unchanged, and the next run finishes it",
  async () => {
    const names = await filesOf();
    const whole = new Map<string, string>();
    const aborted = sized(6, 1_000);
    for (const name of names) {
      const text = await textOf(name);
      const statements = text.split(BREAKPOINT);
      // `npm test` aborts the migration only at some statements: the first, the last, and some in between.
      const step = Math.max(1, Math.floor(statements.length / aborted));
      const url = await emptyDatabase();
      if (whole.size > 0) await migrate(url, await folderOf(whole));
      const before = await schemaOf(url);
      for (let at = 0; at <= statements.length; at += step) {
        const cut = [...statements.slice(0, at), "select 1 / 0;"].join(`${BREAKPOINT}\n`);
        await expect(
          migrate(url, await folderOf(new Map([...whole, [name, cut]]))),
          `${name} at ${at}`,
        ).rejects.toThrow("division by zero");
        const after = await schemaOf(url);
        // The table of the migration runner is ignored, since it exists once the runner has started.
        const own = (schema: string) =>
          schema
            .split("\n")
            .filter((line) => !line.includes("schema_migrations"))
            .join("\n");
        expect(own(after), `${name} at ${at}`).toBe(own(before));
      }
      whole.set(name, text);
      expect(await migrate(url, FOLDER)).toEqual(names.slice(names.indexOf(name)));
    }
  },
  sized(120_000, 1_800_000),
);

test("two concurrent migration runners apply every migration once, and create the same schema as a single runner", async () => {
  const [one, both] = [await emptyDatabase(), await emptyDatabase()];
  const alone = await migrate(one, FOLDER);
  const applied = await Promise.all([migrate(both, FOLDER), migrate(both, FOLDER)]);
  expect(applied.flat().toSorted()).toEqual(alone);
  expect(await schemaOf(both)).toBe(await schemaOf(one));
});

test("every migration after the first only expands the schema, so that the previous version's code works on the new schema", async () => {
  const [, ...later] = await filesOf();
  for (const name of later) expect(destructive(await textOf(name)), name).toEqual([]);
});
