import { sql } from "drizzle-orm";
import * as v from "valibot";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import type { Interrupted, Outcome, Step } from "./outcome.ts";

/**
 * Tables that are not exported: they only serve to sign in, or their rows expire, and so they are not part of a
 * member's history.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "idempotency_keys",
  "login_addresses",
  "login_failures",
  "password_resets",
  "quotas",
  "recovery_codes",
  "refresh_tokens",
  "schema_migrations",
  "sessions",
  "totp_secrets",
]);
/** Columns of exported tables that contain credentials. */
const SECRET_COLUMNS = ["password_hash", "token_hash"];
/** Number of rows of one object: most rows have less than a kilobyte, and hardly any has more than a hundred. */
const ROWS_AT_ONCE = 500;

const Cursor = v.strictObject({
  folder: v.string(),
  /** The current table, the key of its last exported row, and the number of objects with its rows so far. */
  table: v.optional(v.string()),
  last: v.optional(v.record(v.string(), v.unknown())),
  objects: v.number(),
  rows: v.number(),
});
const Table = v.object({ name: v.string(), key: v.array(v.string()) });
const Row = v.object({ row: v.record(v.string(), v.unknown()) });

/**
 * `gotong export` writes every table as JSON lines into the evidence bucket, below `exports/`, without credentials.
 * It is for reading without a database; a stage is restored from a database snapshot. The command can stop after each
 * object.
 */
export async function exportTables(step: Step): Promise<Outcome | Interrupted> {
  const begin = { folder: `exports/${Clock.now().toISOString().replaceAll(/[:.]/g, "-")}`, objects: 0, rows: 0 };
  let { folder, table, last, objects, rows: total } = v.parse(Cursor, step.cursor ?? begin);
  const tables = await listTables();
  for (const { name, key } of tables) {
    if (table !== undefined && name < table) continue;
    if (name !== table) [table, last] = [name, undefined];
    for (;;) {
      const rows = await rowsAfter(name, key, last);
      const final = rows.at(-1);
      if (final !== undefined) {
        objects += 1;
        total += rows.length;
        const lines = rows.map((row) => `${JSON.stringify(without(row, SECRET_COLUMNS))}\n`).join("");
        const at = String(objects).padStart(6, "0");
        await Storage.write(`${folder}/${at}-${name}.jsonl`, "application/x-ndjson", Buffer.from(lines));
        last = Object.fromEntries(key.map((column) => [column, final[column]]));
        if (step.isOver()) {
          step.progress(`${total} rows are exported, at ${name}`);
          return { cursor: { folder, table, last, objects, rows: total } };
        }
      }
      if (rows.length < ROWS_AT_ONCE) break;
    }
  }
  const text = `${total} rows of ${tables.length} tables are exported to ${folder}/ of the evidence bucket\n`;
  return { text, data: { folder, objects, rows: total } };
}

/** Returns the exported tables, with the columns of their primary keys, by name. */
async function listTables() {
  const found = await Db.use().execute(sql`
    select c.relname::text as name,
           array(select a.attname::text from unnest(i.indkey) with ordinality as k(attnum, position)
                 join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum order by k.position) as key
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    join pg_index i on i.indrelid = c.oid and i.indisprimary
    where c.relkind = 'r'`);
  return v
    .parse(v.array(Table), found)
    .filter(({ name }) => !LEFT_OUT.has(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function rowsAfter(name: string, key: readonly string[], last: Readonly<Record<string, unknown>> | undefined) {
  const table = sql.identifier(name);
  const columns = (of: string) =>
    sql.join(
      key.map((column) => sql`${sql.identifier(of)}.${sql.identifier(column)}`),
      sql`, `,
    );
  const after =
    last === undefined
      ? sql``
      : sql`where (${columns("t")}) > (select ${columns("l")} from jsonb_populate_record(null::${table}, ${JSON.stringify(last)}::text::jsonb) as l)`;
  const found = await Db.use().execute(
    sql`select to_jsonb(t) as row from ${table} as t ${after} order by ${columns("t")} limit ${ROWS_AT_ONCE}`,
  );
  return v.parse(v.array(Row), found).map(({ row }) => row);
}

const without = (row: Readonly<Record<string, unknown>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
