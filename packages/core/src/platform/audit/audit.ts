import { Actor } from "../actor.ts";
import { Config } from "../config.ts";
import { Db } from "../db/index.ts";
import { Id } from "../id.ts";
import { lazy } from "../lazy.ts";
import { auditLog } from "./audit.sql.ts";

const limits = lazy(() => import("../limit/daily.ts"));

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

/**
 * Records that the current member read personal data, for which each read adds an entry: a script could fill the log, or copy what a community
 * has. Entries of acts count as well.
 * @throws AppError RATE_LIMITED beyond `AUDITED_READ_LIMIT_PER_DAY`
 */
export async function recordRead(
  action: string,
  targetType: string,
  targetId: string,
  details: Record<string, unknown> = {},
): Promise<void> {
  const limit = Config.section("rules").AUDITED_READ_LIMIT_PER_DAY;
  const { Daily } = await limits();
  await Daily.assertBelow(
    { id: auditLog.id, owner: auditLog.actorId, limit, things: "reads that are audited" },
    Actor.member().userId,
  );
  await record(action, targetType, targetId, details);
}

export * as Audit from "./audit.ts";
