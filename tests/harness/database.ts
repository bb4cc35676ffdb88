import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";

/** Creates a database as a copy of the migrated template. @returns its URL */
export async function freshDatabase(): Promise<string> {
  const template = new URL(inject("templateUrl"));
  const name = `test_${randomBytes(6).toString("hex")}`;
  await asAdmin((sql) => sql`create database ${sql(name)} template ${sql(template.pathname.slice(1))}`);
  return withName(name);
}

/** Creates a database without tables. @returns its URL */
export async function emptyDatabase(): Promise<string> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await asAdmin((sql) => sql`create database ${sql(name)}`);
  return withName(name);
}

async function asAdmin(work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(withName("postgres"), { max: 1 });
  try {
    // PostgreSQL does not allow two concurrent copies of the template, so the second test file waits for this lock.
    await sql`select pg_advisory_lock(1)`;
    await work(sql);
  } finally {
    await sql.end();
  }
}

function withName(name: string): string {
  const url = new URL(inject("templateUrl"));
  url.pathname = `/${name}`;
  return url.href;
}
