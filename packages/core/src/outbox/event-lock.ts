import { type SQL, asc } from "drizzle-orm";
import { Db } from "../platform/db/index.ts";
import { webhookEvents } from "./event.sql.ts";

/**
 * Locks events in id order, so that recorders, publishers and operators cannot deadlock.
 * @returns the events found
 */
export function lockEvents(which: SQL | undefined): Promise<{ id: string; attempts: number }[]> {
  return Db.use()
    .select({ id: webhookEvents.id, attempts: webhookEvents.attempts })
    .from(webhookEvents)
    .where(which)
    .orderBy(asc(webhookEvents.id))
    .for("update")
    .execute();
}
