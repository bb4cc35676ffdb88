import { and, lt } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { newestFirst, optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { isOpen, lockSessions, revoke, revokeAll } from "./record.ts";
import { sessions } from "./session.sql.ts";
import type { Info } from "./schema.ts";

const paging = Page.paging("sessions", v.tuple([Input.uuid]));
export const ListQuery = v.strictObject(paging.query);
export const SessionId = v.strictObject({ session_id: Input.uuid });

/** The open sessions of the current member, newest first. */
export async function list(input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Info>> {
  const { userId, sessionId } = Actor.session();
  const rows = await Db.use()
    .select()
    .from(sessions)
    .where(
      and(
        isOpen(userId, Clock.now()),
        optionalCondition(input.cursor, ([last]) => lt(sessions.id, last)),
      ),
    )
    .orderBy(newestFirst(sessions.id))
    .limit(input.limit + 1);
  return paging.page(
    rows,
    input.limit,
    (row) => [row.id],
    (row) => ({
      id: row.id,
      created_at: row.createdAt.toISOString(),
      last_used_at: row.lastUsedAt.toISOString(),
      expires_at: row.expiresAt.toISOString(),
      device: row.device,
      network: row.network,
      is_current: row.id === sessionId,
    }),
  );
}

/**
 * Revokes one session of the current member, which may be the current one.
 * @throws AppError NOT_FOUND for a revoked session, or another member's
 */
export async function end(id: string): Promise<void> {
  const { userId } = Actor.session();
  await Db.transaction(async () => {
    await lockSessions(userId);
    if (!(await revoke(userId, id))) throw new AppError("NOT_FOUND");
    await Audit.record("session.end", "session", id);
  });
}

/** Revokes all sessions of the current member except the current one. */
export async function endOthers(): Promise<void> {
  const { userId, sessionId } = Actor.session();
  await Db.transaction(async () => {
    await lockSessions(userId);
    await revokeAll(userId, sessionId);
    await Audit.record("session.end_others", "user", userId);
  });
}

export * as OwnSessions from "./own.ts";
