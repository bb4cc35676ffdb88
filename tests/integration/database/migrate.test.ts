import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "@gotong/core/platform/db/index.ts";
import { emptyDatabase, freshDatabase } from "../../harness/database.ts";
import { until } from "../../harness/scenes.ts";

const MIGRATIONS = join(import.meta.dirname, "..", "..", "..", "migrations");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gotong-migrations-"));
  cpSync(MIGRATIONS, folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

test("three concurrent migration runners apply each migration once", async () => {
  const url = await emptyDatabase();
  const applied = await Promise.all([migrate(url, MIGRATIONS), migrate(url, MIGRATIONS), migrate(url, MIGRATIONS)]);
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  expect(await migrate(url, MIGRATIONS)).toEqual([]);
});

test("a failed migration changes nothing, and earlier migrations stay applied", async () => {
  const url = await freshDatabase();
  const file = join(folder, "9999_broken.sql");
  writeFileSync(file, "create table half_done (id int); select * from there_is_no_such_table;");
  await expect(migrate(url, folder)).rejects.toThrow("there_is_no_such_table");
  const sql = postgres(url, { max: 1 });
  expect(await sql`select to_regclass('half_done') as half, to_regclass('users') as users`).toEqual([
    { half: null, users: "users" },
  ]);
  await sql.end();
  rmSync(file);
  expect(await migrate(url, folder)).toEqual([]);
});

test("a migration that waits for a table lock lets other queries pass, and is applied once the table is free", async () => {
  const url = await freshDatabase();
  const [holder, reader] = [postgres(url, { max: 1 }), postgres(url, { max: 1 })];
  const file = join(folder, "9998_waits.sql");
  writeFileSync(file, "alter table skills add column waited text;");
  const freed = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const locking = holder.begin(async (tx) => {
    await tx`select 1 from skills`;
    locked.resolve();
    await freed.promise;
  });
  await locked.promise;
  const migrating = migrate(url, folder, 200);
  try {
    await until(
      () => reader`select 1 from pg_locks where not granted and mode = 'AccessExclusiveLock'`,
      (rows) => rows.length > 0,
    );
    await reader`set statement_timeout = 5000`;
    await reader`select 1 from skills`; // waits behind the migration, which waits for the lock of `holder`
  } finally {
    freed.resolve();
    await locking;
    rmSync(file);
  }
  expect(await migrating).toEqual(["9998_waits.sql"]);
  await Promise.all([holder.end(), reader.end()]);
});

test("the migration runner stops if an applied migration was edited later, or is missing in the version that runs", async () => {
  const url = await freshDatabase();
  writeFileSync(join(folder, "0001_audit_append_only.sql"), "select 1;");
  await expect(migrate(url, folder)).rejects.toThrow("was edited after it had been applied");
  rmSync(join(folder, "0001_audit_append_only.sql"));
  await expect(migrate(url, folder)).rejects.toThrow("which this version does not know");
});

test("after all migrations every table exists, and every time column is timestamptz", async () => {
  const sql = postgres(await freshDatabase(), { max: 1 });
  const tables = await sql`select table_name from information_schema.tables where table_schema = 'public'`;
  expect(tables.map((row) => String(row["table_name"]))).toEqual(
    expect.arrayContaining(
      `users user_skills refresh_tokens password_resets skills tasks task_skills task_assignments contributions uploads evidence
       witnesses vouches verifications webhook_events webhook_attempts webhook_failures reputation_cache idempotency_keys audit_log`.split(
        /\s+/,
      ),
    ),
  );
  const bare =
    await sql`select table_name, column_name from information_schema.columns where table_schema = 'public' and data_type in ('timestamp without time zone', 'date')`;
  expect(bare).toHaveLength(0);
  await sql.end();
});
