import { createHash } from "node:crypto";
import { and, desc, eq, inArray } from "drizzle-orm";
import type * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Id } from "../../platform/id.ts";
import { isPushService, pushKeys } from "../../platform/push/index.ts";
import { lockMembers } from "../user/row.ts";
import type { NotificationInput } from "./input.ts";
import { pushSubscriptions } from "./notification.sql.ts";
import type { Subscription } from "./schema.ts";

/** Maximum number of devices of one member; a further device replaces the oldest. */
const DEVICES_MAX = 10;

/**
 * Registers the current session's device for pushes. A device that is registered already gets the new keys, and belongs to the member who
 * registers it now.
 * @throws AppError RULE_VIOLATED where pushes are not set up; VALIDATION_FAILED for an address that does not belong to a known push
 * service
 */
export async function add({ endpoint, keys }: v.InferOutput<typeof NotificationInput.Device>): Promise<Subscription> {
  const { userId, sessionId } = Actor.session();
  if (pushKeys() === undefined) throw new AppError("RULE_VIOLATED", { detail: "Pushes are not set up here." });
  if (!isPushService(endpoint)) throw invalidField("endpoint", "format", "must be an address of a known push service");
  return Db.transaction(async () => {
    await lockMembers([], "no key update");
    const endpointHash = createHash("sha256").update(endpoint).digest("hex");
    const row = { userId, sessionId, endpoint, ...keys, createdAt: Clock.now() };
    const made = Db.only(
      await Db.use()
        .insert(pushSubscriptions)
        .values({ id: Id.uuid(), endpointHash, ...row })
        .onConflictDoUpdate({ target: pushSubscriptions.endpointHash, set: row })
        .returning(),
    );
    const surplus = Db.use()
      .select({ id: pushSubscriptions.id })
      .from(pushSubscriptions)
      .where(eq(pushSubscriptions.userId, userId))
      .orderBy(desc(pushSubscriptions.createdAt), desc(pushSubscriptions.id))
      .offset(DEVICES_MAX);
    await Db.use().delete(pushSubscriptions).where(inArray(pushSubscriptions.id, surplus));
    return { id: made.id, service: new URL(endpoint).hostname, created_at: made.createdAt.toISOString() };
  });
}

/** Removes one of the current member's devices. Idempotent. */
export async function remove(id: string): Promise<void> {
  const { userId } = Actor.member();
  await Db.use()
    .delete(pushSubscriptions)
    .where(and(eq(pushSubscriptions.id, id), eq(pushSubscriptions.userId, userId)));
}

/** Removes a subscription that the push service reports as expired. */
export async function forget(id: string): Promise<void> {
  await Db.use().delete(pushSubscriptions).where(eq(pushSubscriptions.id, id));
}

export * as PushSubscriptions from "./subscriptions.ts";
