import { count, eq, isNull, sql } from "drizzle-orm";
import { Db } from "../platform/db/index.ts";
import { Metrics } from "../platform/metrics/index.ts";
import { webhookEvents, webhookFailures } from "../outbox/event.sql.ts";

/** Counted up to here: whoever has so many needs no exact number, and every sweep counts. */
const MOST_DEAD = 10_000;

/** Reads how many events wait for delivery and how many were given up, into the gauges that tell it. */
export async function measureBacklog(): Promise<void> {
  const [pending] = await Db.use()
    .select({ n: count() })
    .from(webhookEvents)
    .where(eq(webhookEvents.status, "pending"));
  const waiting = Db.use()
    .select({ id: webhookFailures.id })
    .from(webhookFailures)
    .where(isNull(webhookFailures.redrivenAt))
    .orderBy(sql`${webhookFailures.id} desc nulls last`) // as the index of those that wait
    .limit(MOST_DEAD)
    .as("waiting");
  const [dead] = await Db.use().select({ n: count() }).from(waiting);
  Metrics.set("webhook_outbox_pending", pending?.n ?? 0);
  Metrics.set("webhook_dead_letters", dead?.n ?? 0);
}
