import { count, eq, isNull, sql } from "drizzle-orm";
import { Db } from "../platform/db/index.ts";
import { lazy } from "../platform/lazy.ts";
import { Metrics } from "../platform/metrics/index.ts";
import { webhookEvents, webhookFailures } from "../outbox/event.sql.ts";

const deliverySwitch = lazy(() => import("./delivery-switch.ts"));

/** Number at which counting stops: above 10,000 dead letters the exact number does not matter, and every sweep counts them. */
const COUNTED_DEAD = 10_000;

/** The numbers of pending events and of failures not yet redriven (counted up to {@link COUNTED_DEAD}). */
export async function countBacklog(): Promise<{ readonly pending: number; readonly dead: number }> {
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
  return { pending: pending?.n ?? 0, dead: dead?.n ?? 0 };
}

/** Sets the gauges `webhook_outbox_pending` and `webhook_dead_letters` to {@link countBacklog}. */
export async function measureBacklog(): Promise<void> {
  const { pending, dead } = await countBacklog();
  Metrics.set("webhook_outbox_pending", pending);
  Metrics.set("webhook_dead_letters", dead);
}

/** Sets the gauges for a scrape: the backlog, and whether the circuit breaker has paused deliveries. */
export async function measureDeliveries(): Promise<void> {
  const { isPaused } = await deliverySwitch();
  Metrics.set("webhook_deliveries_paused", (await isPaused()) ? 1 : 0);
  await measureBacklog();
}
