import type postgres from "postgres";

/** A digest of all rows, one line per table. Two digests are equal if no row has changed in between. */
export async function digestOf(sql: postgres.Sql): Promise<string> {
  const tables = await sql`select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
  const all: string[] = [];
  for (const { name } of tables) {
    const [row] =
      await sql`select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as rows from ${sql(String(name))} t`;
    all.push(`${String(name)} ${String(row?.["rows"])}`);
  }
  return all.join("\n");
}
