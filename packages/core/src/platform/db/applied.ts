import { sql } from "drizzle-orm";
import * as v from "valibot";
import { Db } from "./database.ts";

const Rows = v.array(v.object({ name: v.string() }));

/** The names of the migrations that were applied to the database, in order; empty for an empty database. */
export async function appliedMigrations(): Promise<string[]> {
  const [known] = await Db.use().execute<{ found: string | null }>(
    sql`select to_regclass('schema_migrations') as found`,
  );
  if (known?.found == null) return [];
  const rows = v.parse(Rows, await Db.use().execute(sql`select name from schema_migrations order by name`));
  return rows.map(({ name }) => name);
}
