import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { databaseTarget } from "./tls.ts";

/** Id of the advisory lock. Any constant works, as long as every version of this program uses the same. */
const LOCK = 7_306_001;
/**
 * How long a migration waits for a table lock. Meanwhile all later queries on the table wait behind the migration.
 * After this time the migration is rolled back, so that the queries can run, and is retried.
 */
const TABLE_WAIT_MS = 2_000;
const PAUSE_MS = 1_000;
const TRIES = 20;
/** PostgreSQL's `lock_not_available` and `deadlock_detected`. */
const BUSY = ["55P03", "40P01"];

/**
 * Applies the SQL files of `folder` that were not yet applied to the database, in the order of their names, each in its
 * own transaction. An advisory lock ensures that the second of two concurrent runners finds nothing to do. A file that
 * changes one table blocks no query for longer than {@link TABLE_WAIT_MS}. A file that changes several tables may
 * deadlock with a transaction of the API, and is retried.
 * @returns the names of the files that this call applied
 * @throws Error when an applied file was edited or removed since, or when a file fails (and is rolled back)
 */
export async function migrate(databaseUrl: string, folder: string, tableWaitMs = TABLE_WAIT_MS): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).toSorted();
  const { url, options } = await databaseTarget(databaseUrl);
  const sql = postgres(url, { ...options, max: 1, connect_timeout: 60, onnotice: () => undefined });
  try {
    await sql`select pg_advisory_lock(${LOCK})`;
    await sql`create table if not exists schema_migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now())`;
    const applied = new Map(
      (await sql<{ name: string; sha256: string }[]>`select name, sha256 from schema_migrations`).map((row) => [
        row.name,
        row.sha256,
      ]),
    );
    const missing = [...applied.keys()].find((name) => !files.includes(name));
    if (missing)
      throw new Error(
        `the database has the migration ${missing}, which this version does not know: deploy a newer version`,
      );
    const fresh: string[] = [];
    for (const name of files) {
      const text = await readFile(join(folder, name), "utf8");
      const sha256 = createHash("sha256").update(text).digest("hex");
      const before = applied.get(name);
      if (before === sha256) continue;
      if (before !== undefined)
        throw new Error(`the migration ${name} was edited after it had been applied: add a new one instead`);
      const apply = () =>
        sql.begin(async (tx) => {
          await tx.unsafe(`set local lock_timeout = ${tableWaitMs}`);
          await tx.unsafe(text);
          await tx`insert into schema_migrations (name, sha256) values (${name}, ${sha256})`;
        });
      await untilFree(apply);
      fresh.push(name);
    }
    return fresh;
  } finally {
    await sql.end({ timeout: 5 }); // closes the session, which releases the advisory lock
  }
}

async function untilFree(apply: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await apply();
      return;
    } catch (error) {
      const isBusy = error instanceof postgres.PostgresError && BUSY.includes(error.code);
      if (!isBusy || tries === TRIES) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
