import { sql } from "drizzle-orm";
import { Db } from "./database.ts";

/** Runs `work` with settings of PostgreSQL for its transaction. */
export async function withSettings<T>(
  settings: Readonly<Record<string, string>>,
  work: () => PromiseLike<T>,
): Promise<T> {
  return Db.transaction(async () => {
    for (const [name, value] of Object.entries(settings))
      await Db.use().execute(sql`select set_config(${name}, ${value}, true)`);
    const result = await work(); // inside of the transaction: drizzle sends a query when it is awaited
    return result;
  });
}
