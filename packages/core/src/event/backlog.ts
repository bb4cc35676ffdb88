import { count, eq, isNull } from "drizzle-orm";
import { Db } from "../db/index.ts";
import { Metrics } from "../metrics/index.ts";
import { webhookEvents, webhookFailures } from "./event.sql.ts";

/** Reads how many events wait for delivery and how many were given up, into the gauges that tell it. */
export async function measureBacklog(): Promise<void> {
  const [pending] = await Db.use()
    .select({ n: count() })
    .from(webhookEvents)
    .where(eq(webhookEvents.status, "pending"));
  const [dead] = await Db.use().select({ n: count() }).from(webhookFailures).where(isNull(webhookFailures.redrivenAt));
  Metrics.set("webhook_outbox_pending", pending?.n ?? 0);
  Metrics.set("webhook_dead_letters", dead?.n ?? 0);
}
