import { and, eq, isNull, sql } from "drizzle-orm";
import type { Member } from "../actor.ts";
import { Db } from "../db/index.ts";
import { users } from "../user/user.sql.ts";
import { refreshTokens } from "./session.sql.ts";
import { Token } from "./token.ts";

/**
 * The member whose access token this is. A session that was ended by logout, a new password, a stolen refresh token or the
 * deletion of the account ends its access tokens at once (OWASP ASVS 5.0, 7.4.1). Roles are today's, whatever they were then.
 * @returns undefined for any other text
 */
export async function memberOf(accessToken: string): Promise<Member | undefined> {
  const access = await Token.verifyAccess(accessToken);
  if (!access) return undefined;
  const { userId, sessionId } = access;
  const [row] = await Db.use()
    .select({
      username: users.username,
      roles: users.roles,
      hasProvenEmail: sql<boolean>`${users.emailVerifiedAt} is not null`,
    })
    .from(users)
    .innerJoin(refreshTokens, and(eq(refreshTokens.userId, users.id), eq(refreshTokens.familyId, sessionId)))
    .where(and(eq(users.id, userId), isNull(users.deletedAt), isNull(refreshTokens.revokedAt)))
    .limit(1);
  return row && { type: "member", userId, ...row };
}

export * as Access from "./access.ts";
