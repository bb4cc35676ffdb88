import postgres from "postgres";
import { databaseTarget } from "./tls.ts";

/**
 * A guest is the database of a preview, together with its user; both have the name of the stage. Pattern of that name:
 * it needs quotes in SQL only if it contains a hyphen.
 */
const NAME = /^[a-z][a-z0-9-]{0,40}$/;
/** Upper limit of connections of one guest, so that one preview cannot use all connections of the shared cluster. */
const CONNECTION_LIMIT = 40;

/**
 * Creates the user and the database that `guestUrl` names, unless they exist, and sets the user's password. Both have the same name. Other
 * guests cannot connect to this database, and this guest cannot connect to the database of `adminUrl`.
 * @param adminUrl the URL of a user who may create databases and roles, and who owns the database in that URL
 * @returns the name of the guest
 */
export async function ensureDatabase(adminUrl: string, guestUrl: string): Promise<string> {
  const { name, password } = guestOf(guestUrl);
  return asAdmin(adminUrl, async (sql) => {
    const [role] = await sql`select 1 from pg_roles where rolname = ${name}`;
    await execute(sql, role ? "alter role %I login password %L" : "create role %I login password %L", name, password);
    await execute(sql, `alter role %I connection limit ${CONNECTION_LIMIT}`, name);
    // In PostgreSQL 16 and later, the creator of a role must be granted the role before it can create a database that the role owns.
    await execute(sql, "grant %I to current_user", name);
    const [database] = await sql`select 1 from pg_database where datname = ${name}`;
    if (!database) await execute(sql, "create database %I owner %I", name, name);
    await execute(sql, "revoke all on database %I from public", name);
    await execute(
      sql,
      "revoke all on database %I from public",
      decodeURIComponent(new URL(adminUrl).pathname.slice(1)),
    );
    return name;
  });
}

/** Drops the database and the user that `guestUrl` names, and terminates their sessions. @returns the name of the guest */
export async function dropDatabase(adminUrl: string, guestUrl: string): Promise<string> {
  const { name } = guestOf(guestUrl);
  return asAdmin(adminUrl, async (sql) => {
    await execute(sql, "drop database if exists %I with (force)", name);
    await execute(sql, "drop role if exists %I", name);
    return name;
  });
}

function guestOf(guestUrl: string) {
  const url = new URL(guestUrl);
  const name = decodeURIComponent(url.pathname.slice(1));
  if (!NAME.test(name) || decodeURIComponent(url.username) !== name)
    throw new Error("the user and the database of a guest have one name: a-z, 0-9, and -");
  return { name, password: decodeURIComponent(url.password) };
}

/**
 * Runs a statement such as `create role`, for which PostgreSQL does not support parameters. PostgreSQL itself quotes
 * the names (`%I`) and strings (`%L`).
 */
async function execute(sql: postgres.Sql, text: string, ...values: readonly string[]): Promise<void> {
  const [row] = await sql<
    { statement: string }[]
  >`select format(${text}, variadic ${[...values]}::text[]) as statement`;
  await sql.unsafe(row?.statement ?? "");
}

async function asAdmin<T>(adminUrl: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const { url, options } = await databaseTarget(adminUrl);
  const sql = postgres(url, { ...options, max: 1, connect_timeout: 60, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
