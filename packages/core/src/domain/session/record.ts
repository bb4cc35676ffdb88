import { and, desc, eq, gt, isNull, ne } from "drizzle-orm";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { newestFirst } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Id } from "../../platform/id.ts";
import { users } from "../user/user.sql.ts";
import { type Client, describe } from "./client.ts";
import { refreshTokens, sessions } from "./session.sql.ts";
import { Token } from "./token.ts";
import type { Tokens } from "./schema.ts";

export type { Tokens } from "./schema.ts";

export const REFRESH_TOKEN_DAYS = 7;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Locks a member, so that changes of their sessions run one after another until the transaction commits: a token
 * refreshed concurrently must not escape a revocation. Every transaction takes this lock first.
 */
export async function lockSessions(
  userId: string,
): Promise<{ readonly passwordHash: string | null; readonly deletedAt: Date | null } | undefined> {
  const [row] = await Db.use()
    .select({ passwordHash: users.passwordHash, deletedAt: users.deletedAt })
    .from(users)
    .where(eq(users.id, userId))
    .for("no key update");
  return row;
}

/** Condition for a usable session: not revoked, and its last refresh token has not expired. */
export const isOpen = (userId: string, now: Date) =>
  and(
    eq(sessions.userId, userId),
    isNull(sessions.endedAt),
    gt(sessions.expiresAt, now),
    gt(sessions.lastUsedAt, new Date(now.getTime() - REFRESH_TOKEN_DAYS * DAY_MS)),
  );

/**
 * Starts a session of a locked member, with its first tokens. Beyond `SESSIONS_PER_MEMBER`, revokes the session that was unused for
 * the longest time.
 * @param hasMfa whether a second factor was verified
 * @throws AppError RATE_LIMITED
 */
export async function begin(userId: string, client: Client, hasMfa = false): Promise<Tokens> {
  const [token, sessionId, now] = [Token.refresh(), Id.uuid(), Clock.now()];
  await assertNotTooMany(userId, now);
  const expiresAt = new Date(now.getTime() + Config.section("auth").SESSION_MAX_DAYS * DAY_MS);
  await Db.use()
    .insert(sessions)
    .values({
      id: sessionId,
      userId,
      createdAt: now,
      lastUsedAt: now,
      expiresAt,
      mfaAt: hasMfa ? now : null,
      ...describe(client),
    });
  await storeToken({ userId, sessionId, expiresAt }, token, now);
  await endUnused(userId, now);
  return toTokens({ userId, sessionId }, token);
}

/**
 * Limits logins per hour, since revoked sessions, their tokens and their audit entries stay in the database. Finds the
 * sessions of the last hour by their ids, which contain their creation time (UUID v7).
 */
async function assertNotTooMany(userId: string, now: Date): Promise<void> {
  const limit = Config.section("auth").LOGINS_PER_MEMBER_PER_HOUR;
  const [oldest] = await Db.use()
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), gt(sessions.id, Id.firstOf(now.getTime() - HOUR_MS))))
    .orderBy(newestFirst(sessions.id))
    .offset(limit - 1)
    .limit(1);
  if (oldest)
    throw new AppError("RATE_LIMITED", {
      detail: `A member may log in ${limit} times in an hour. Refresh the session instead.`,
      retryAfterSeconds: Math.max(1, Math.ceil((Id.timeOf(oldest.id) + HOUR_MS - now.getTime()) / 1000)),
    });
}

/** Revokes the open sessions of a locked member beyond the limit, those unused for the longest time first. */
async function endUnused(userId: string, now: Date): Promise<void> {
  const surplus = await Db.use()
    .select({ id: sessions.id })
    .from(sessions)
    .where(isOpen(userId, now))
    .orderBy(desc(sessions.lastUsedAt), desc(sessions.id))
    .offset(Config.section("auth").SESSIONS_PER_MEMBER);
  for (const { id } of surplus) {
    await revoke(userId, id);
    await Audit.record("session.end", "session", id, { reason: "limit" }, userId);
  }
}

/** Stores the next token of a session: valid for 7 days, but not longer than the session. */
export async function storeToken(
  session: { readonly userId: string; readonly sessionId: string; readonly expiresAt: Date },
  token: string,
  now: Date,
): Promise<void> {
  const { userId, sessionId: familyId } = session;
  const expiresAt = new Date(Math.min(now.getTime() + REFRESH_TOKEN_DAYS * DAY_MS, session.expiresAt.getTime()));
  await Db.use()
    .insert(refreshTokens)
    .values({ id: Id.uuid(), userId, familyId, tokenHash: Token.digest(token), createdAt: now, expiresAt });
}

/**
 * Revokes all sessions of a locked member, and with them their access tokens.
 * @param except a session to keep
 */
export async function revokeAll(userId: string, except?: string): Promise<void> {
  const now = Clock.now();
  const isOther = (column: typeof sessions.id | typeof refreshTokens.familyId) =>
    except === undefined ? undefined : ne(column, except);
  await Db.use()
    .update(sessions)
    .set({ endedAt: now })
    .where(and(eq(sessions.userId, userId), isNull(sessions.endedAt), isOther(sessions.id)));
  await Db.use()
    .update(refreshTokens)
    .set({ revokedAt: now })
    .where(and(eq(refreshTokens.userId, userId), isNull(refreshTokens.revokedAt), isOther(refreshTokens.familyId)));
}

/**
 * Revokes one session of a locked member.
 * @returns false when the session was revoked before, or is not the member's
 */
export async function revoke(userId: string, sessionId: string): Promise<boolean> {
  const now = Clock.now();
  const ended = await Db.use()
    .update(sessions)
    .set({ endedAt: now })
    .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId), isNull(sessions.endedAt)))
    .returning({ id: sessions.id });
  if (ended.length === 0) return false;
  await Db.use()
    .update(refreshTokens)
    .set({ revokedAt: now })
    .where(and(eq(refreshTokens.familyId, sessionId), isNull(refreshTokens.revokedAt)));
  return true;
}

export function toTokens(access: Token.Access, refreshToken: string): Tokens {
  return {
    access_token: Token.signAccess(access),
    refresh_token: refreshToken,
    token_type: "Bearer",
    expires_in: Token.ACCESS_TOKEN_SECONDS,
  };
}

export * as SessionRecord from "./record.ts";
