import { sql } from "drizzle-orm";
import { Db } from "./database.ts";

/** Runs `work` in a transaction with the given settings of PostgreSQL. */
export async function withSettings<T>(
  settings: Readonly<Record<string, string>>,
  work: () => PromiseLike<T>,
): Promise<T> {
  return Db.transaction(async () => {
    for (const [name, value] of Object.entries(settings))
      await Db.use().execute(sql`select set_config(${name}, ${value}, true)`);
    const result = await work(); // awaited inside the transaction, since drizzle sends a query when it is awaited
    return result;
  });
}
