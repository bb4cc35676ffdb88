import { Actor } from "../actor.ts";
import { Config } from "../config.ts";
import { Db } from "../db/index.ts";
import { Id } from "../id.ts";
import { lazy } from "../lazy.ts";
import { auditLog } from "./audit.sql.ts";

const limits = lazy(() => import("../limit/daily.ts"));

/**
 * Adds an entry to the audit log: the current actor performed `action` on a target. Runs in the caller's transaction,
 * so that the entry and the caller's change are committed together.
 * @param by the id of the acting member, for requests without an access token, such as a login
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
 * Adds an entry to the audit log: the current member read personal data. The number of these reads is limited.
 * Otherwise a script could fill the log, or copy the data of the whole community. All entries of the member count
 * towards the limit, including entries for changes.
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
