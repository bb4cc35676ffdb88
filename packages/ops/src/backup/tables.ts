import postgres from "postgres";
import * as v from "valibot";
import { databaseTarget } from "@gotong/core/platform/db/index.ts";

/** Tables that the migrations fill themselves. */
const NOT_COPIED = ["schema_migrations"];

export interface Table {
  readonly name: string;
  /** Columns except those that the database computes. */
  readonly columns: readonly string[];
  /** Columns of the primary key, by which the rows are sorted. */
  readonly key: readonly string[];
}

/**
 * Opens a connection with settings under which the text form of values is the same on every server.
 * @param work must not close the connection
 */
export async function onDatabase<T>(databaseUrl: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const { url, options } = await databaseTarget(databaseUrl);
  const sql = postgres(url, {
    ...options,
    max: 1,
    connect_timeout: 60,
    onnotice: () => undefined,
    connection: {
      TimeZone: "UTC",
      DateStyle: "ISO",
      IntervalStyle: "postgres",
      bytea_output: "hex",
      extra_float_digits: 3,
    },
  });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

const Rows = v.array(
  v.object({ name: v.string(), columns: v.array(v.string()), key: v.array(v.string()), parents: v.array(v.string()) }),
);

/**
 * Returns the tables, each after the tables to which its foreign keys refer.
 * @throws Error when foreign keys form a cycle
 */
export async function tablesOf(sql: postgres.ISql): Promise<Table[]> {
  const rows = v
    .parse(
      Rows,
      await sql`
      select c.relname as name,
        array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
          and attgenerated = '' order by attnum) as columns,
        array(select a.attname::text from pg_index i, unnest(i.indkey) with ordinality as k (attnum, n), pg_attribute a
          where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.attnum order by k.n) as key,
        array(select distinct f.confrelid::regclass::text from pg_constraint f
          where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as parents
      from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by c.relname`,
    )
    .filter(({ name }) => !NOT_COPIED.includes(name));
  const ordered: Table[] = [];
  const isPlaced = (name: string) => ordered.some((table) => table.name === name);
  for (let left = rows; left.length > 0;) {
    const ready = left.filter(({ parents }) => parents.every(isPlaced));
    if (ready.length === 0) throw new Error(`foreign keys form a cycle: ${left.map(({ name }) => name).join(", ")}`);
    ordered.push(...ready);
    left = left.filter(({ name }) => !isPlaced(name));
  }
  return ordered;
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const list = (names: readonly string[]) => names.map(quoted).join(", ");

/** Returns the rows of a table in the order of its primary key, in the format of COPY. */
export async function* rowsOf(sql: postgres.ISql, { name, columns, key }: Table): AsyncGenerator<Uint8Array> {
  const order = key.length > 0 ? list(key) : list(columns);
  const rows = await sql
    .unsafe(`copy (select ${list(columns)} from ${quoted(name)} order by ${order}) to stdout`)
    .readable();
  try {
    const chunks: AsyncIterable<Uint8Array> = rows;
    yield* chunks;
  } finally {
    // postgres.js 3.4.9 pauses its socket when the stream is full, and resumes it in `_read`. Node does not call `_read` again
    // after the last rows, so the next query would wait forever.
    // oxlint-disable-next-line no-underscore-dangle -- there is no other way to the socket
    rows._read(0);
  }
}

/** Returns a writable stream that inserts rows into a table. */
export const intoTable = (sql: postgres.ISql, { name, columns }: Pick<Table, "name" | "columns">) =>
  sql.unsafe(`copy ${quoted(name)} (${list(columns)}) from stdin`).writable();
