import { type SQL, asc } from "drizzle-orm";
import { Db } from "../platform/db/index.ts";
import { webhookEvents } from "./event.sql.ts";

/**
 * Takes hold of events in one order everywhere, so that recorders, publishers and operators never wait for each other in a circle.
 * @returns those that are there
 */
export function lock(which: SQL | undefined): Promise<{ id: string; attempts: number }[]> {
  return Db.use()
    .select({ id: webhookEvents.id, attempts: webhookEvents.attempts })
    .from(webhookEvents)
    .where(which)
    .orderBy(asc(webhookEvents.id))
    .for("update")
    .execute();
}
