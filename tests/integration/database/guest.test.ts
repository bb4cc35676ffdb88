import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dropDatabase, ensureDatabase } from "@gotong/core/platform/db/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });

// As on Aurora, the admin is not a superuser, and owns the database of the stage `dev`.
const ADMIN = `dev_admin_${process.pid}`;
const urlOf = (user: string, database = user, password = "secret") => {
  const url = new URL(platform.variables["DATABASE_URL"] ?? "");
  Object.assign(url, { username: user, password, pathname: `/${database}` });
  return url.href;
};
const adminUrl = () => urlOf(ADMIN);
async function asUser<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}
const asSuperuser = <T>(work: (sql: postgres.Sql) => Promise<T>) =>
  asUser(platform.variables["DATABASE_URL"] ?? "", work);

beforeAll(() =>
  asSuperuser(async (sql) => {
    await sql.unsafe(`create role ${ADMIN} login password 'secret' createdb createrole`);
    await sql.unsafe(`create database ${ADMIN} owner ${ADMIN}`);
  }),
);
afterAll(() =>
  asSuperuser(async (sql) => {
    await sql.unsafe(`drop database ${ADMIN} with (force)`);
    await sql.unsafe(`drop role ${ADMIN}`);
  }),
);

const invoke = async (action: string, own: string) => {
  Config.use({ ...platform.variables, DATABASE_URL: own, DATABASE_ADMIN_URL: adminUrl() });
  // The import must follow the settings, since the module checks them when it is loaded, as on Lambda.
  const { handler } = await import("@gotong/ops/guest-database-lambda.ts");
  return handler({ tf: { action, prev_input: null } });
};

test("a preview gets its own database, which other previews cannot open and which is dropped with the preview", async () => {
  const [mine, other] = [`pr-${process.pid}1`, `pr-${process.pid}2`];
  for (const name of [mine, other, mine]) expect(await invoke("create", urlOf(name))).toEqual({ database: name });
  await asUser(urlOf(mine), async (sql) => {
    await sql`create table things (id integer)`;
    await expect(asUser(urlOf(mine, other), (wrong) => wrong`select 1`)).rejects.toThrow("permission denied");
    await expect(asUser(urlOf(mine, ADMIN), (wrong) => wrong`select 1`)).rejects.toThrow("permission denied");
    // A second deployment keeps the data, and changes the password to the given one.
    await invoke("update", urlOf(mine, mine, "another"));
    await expect(asUser(urlOf(mine), (wrong) => wrong`select 1`)).rejects.toThrow("password authentication failed");
    expect(await sql`select count(*)::int as n from things`).toMatchObject([{ n: 0 }]);
  });
  for (const name of [mine, other, mine]) await invoke("delete", urlOf(name));
  const left = await asSuperuser((sql) => sql`select datname from pg_database where datname in (${mine}, ${other})`);
  const roles = await asSuperuser((sql) => sql`select rolname from pg_roles where rolname in (${mine}, ${other})`);
  expect([[...left], [...roles]]).toEqual([[], []]);
});

test("a database session that a function has left open does not prevent the removal of a preview's database", async () => {
  const name = `pr-${process.pid}3`;
  await ensureDatabase(adminUrl(), urlOf(name));
  const open = postgres(urlOf(name), { max: 1, onnotice: () => undefined });
  await open`select 1`;
  expect(await dropDatabase(adminUrl(), urlOf(name))).toBe(name);
  await open.end();
});

test("a preview's database is not dropped if database and user in its URL have different names or an invalid name", async () => {
  for (const wrong of [urlOf("pr-1", ADMIN), urlOf('pr-1"; drop role x', 'pr-1"; drop role x'), urlOf("")])
    await expect(dropDatabase(adminUrl(), wrong)).rejects.toThrow("have one name");
});
