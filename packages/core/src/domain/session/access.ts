import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { Member } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { users } from "../user/user.sql.ts";
import { sessions } from "./session.sql.ts";
import { Token } from "./token.ts";

/** Built once: it runs at each request. */
const statement = Db.use()
  .select({
    username: users.username,
    roles: users.roles,
    mfaAt: sessions.mfaAt,
    emailVerifiedAt: users.emailVerifiedAt,
  })
  .from(users)
  .innerJoin(sessions, and(eq(sessions.userId, users.id), eq(sessions.id, sql.placeholder("sessionId"))))
  .where(
    and(
      eq(users.id, sql.placeholder("userId")),
      isNull(users.deletedAt),
      isNull(sessions.endedAt),
      gt(sessions.expiresAt, sql.placeholder("now")),
    ),
  )
  .prepare("session");

/**
 * The member of an access token. Ending a session (logout, new password, stolen refresh token, account deletion)
 * invalidates its access tokens at once (OWASP ASVS 5.0, 7.4.1). Roles are the current ones, not those at login. A role
 * that needs a second factor counts only in a session that has one.
 * @returns undefined for an invalid token
 */
export async function memberOf(accessToken: string): Promise<Member | undefined> {
  const access = Token.verifyAccess(accessToken);
  if (!access) return undefined;
  const { userId, sessionId } = access;
  const [row] = await statement.execute({ userId, sessionId, now: Clock.now().toISOString() });
  if (!row) return undefined;
  const needed = row.mfaAt ? [] : Config.section("auth").MFA_REQUIRED_FOR;
  return {
    type: "member",
    userId,
    sessionId,
    username: row.username,
    roles: row.roles.filter((role) => !needed.includes(role)),
    withheldRoles: row.roles.filter((role) => needed.includes(role)),
    hasProvenEmail: row.emailVerifiedAt !== null,
  };
}

export * as Access from "./access.ts";
