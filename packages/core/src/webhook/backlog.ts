import { count, eq, isNull, sql } from "drizzle-orm";
import { Db } from "../platform/db/index.ts";
import { Metrics } from "../platform/metrics/index.ts";
import { webhookEvents, webhookFailures } from "../outbox/event.sql.ts";

/** The count stops here: above 10,000 dead letters the exact number does not matter, and every sweep counts. */
const COUNTED_DEAD = 10_000;

/**
 * Sets the gauges `webhook_outbox_pending` (events waiting for delivery) and `webhook_dead_letters` (failures not yet
 * redriven).
 */
export async function measureBacklog(): Promise<void> {
  const [pending] = await Db.use()
    .select({ n: count() })
    .from(webhookEvents)
    .where(eq(webhookEvents.status, "pending"));
  const waiting = Db.use()
    .select({ id: webhookFailures.id })
    .from(webhookFailures)
    .where(isNull(webhookFailures.redrivenAt))
    .orderBy(sql`${webhookFailures.id} desc nulls last`) // matches the index webhook_failures_waiting_idx
    .limit(COUNTED_DEAD)
    .as("waiting");
  const [dead] = await Db.use().select({ n: count() }).from(waiting);
  Metrics.set("webhook_outbox_pending", pending?.n ?? 0);
  Metrics.set("webhook_dead_letters", dead?.n ?? 0);
}
