import { Actor } from "../actor.ts";
import { Db } from "../db/index.ts";
import { Id } from "../id.ts";
import { auditLog } from "./audit.sql.ts";

/**
 * Records that the current actor did `action` to a target. In the caller's transaction, so that both happen or neither.
 * @param by the acting member, where the request is not authenticated: a login
 */
export async function record(
  action: string,
  targetType: string,
  targetId: string,
  details: Record<string, unknown> = {},
  by?: string,
): Promise<void> {
  const actor = Actor.current();
  await Db.use()
    .insert(auditLog)
    .values({
      id: Id.uuid(),
      actorId: by ?? (actor.type === "member" ? actor.userId : null),
      action,
      targetType,
      targetId,
      details,
      requestId: Actor.requestId(),
    });
}

export * as Audit from "./audit.ts";
