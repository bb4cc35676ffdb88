import { sql } from "drizzle-orm";
import type { Member, Role } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import type { Language } from "../../platform/language/index.ts";
import { batchPerTick, statement } from "../../platform/db/index.ts";
import { users } from "../user/user.sql.ts";
import { sessions } from "./session.sql.ts";
import { Token } from "./token.ts";

type Row = readonly [
  index: number,
  username: string,
  roles: readonly Role[],
  hasMfa: boolean,
  hasProvenEmail: boolean,
  language: Language | null,
];

/** Looks up several sessions in one statement; revoked and expired sessions yield no row. */
const openSessions = statement<Row>(
  () => sql`
    select asked.n::int, ${users.username}, ${users.roles}, ${sessions.mfaAt} is not null, (${users.emailVerifiedAt} is not null or ${users.admittedAt} is not null), ${users.language}
    from unnest(${sql.placeholder("userIds")}::uuid[], ${sql.placeholder("sessionIds")}::uuid[]) with ordinality asked(user_id, session_id, n)
    join ${sessions} on ${sessions.id} = asked.session_id and ${sessions.userId} = asked.user_id
    join ${users} on ${users.id} = asked.user_id
    where ${users.deletedAt} is null and ${sessions.endedAt} is null and ${sessions.expiresAt} > ${sql.placeholder("now")}::timestamptz`,
);

/** Looks up the sessions of all requests in one tick of the event loop with one statement; see {@link batchPerTick}. */
const sessionOf = batchPerTick(async (asked: readonly Token.Access[]): Promise<(Row | undefined)[]> => {
  const rows = await openSessions({
    userIds: `{${asked.map(({ userId }) => userId).join(",")}}`,
    sessionIds: `{${asked.map(({ sessionId }) => sessionId).join(",")}}`,
    now: Clock.now().toISOString(),
  });
  const byIndex = new Map(rows.map((row) => [row[0], row]));
  return asked.map((_, index) => byIndex.get(index + 1));
});

/** The check of an access token. */
export interface Check {
  /**
   * The member of the token as of the last check of its session by this process, up to 15 minutes ago; undefined if that
   * check failed, or if there was none. It does not authenticate: the caller must await {@link Check.member} before
   * anything of the request is answered.
   */
  readonly previous: Member | undefined;
  /** The member of the token; undefined for an invalid token. */
  readonly member: Promise<Member | undefined>;
}

/**
 * Begins to check an access token. Revoking a session (logout, new password, stolen refresh token, account deletion)
 * invalidates its access tokens at once (OWASP ASVS 5.0, 7.4.1). Roles are the current ones, not those at login. A role
 * that requires a second factor counts only in a session with a verified second factor.
 */
export function check(accessToken: string): Check {
  const access = Token.verifyAccess(accessToken);
  if (!access) return { previous: undefined, member: Promise.resolve(undefined) };
  return { previous: previous.get(access), member: currentMember(access) };
}

/** The member of an access token, as {@link check} finds it. @returns undefined for an invalid token */
export const memberOf = (accessToken: string): Promise<Member | undefined> => check(accessToken).member;

/** The member of each token in memory as of the last check of its session. */
const previous = new WeakMap<Token.Access, Member>();

async function currentMember(access: Token.Access): Promise<Member | undefined> {
  const row = await sessionOf(access);
  if (!row) {
    previous.delete(access);
    return undefined;
  }
  const [, username, roles, hasMfa, hasProvenEmail, language] = row;
  const needed = hasMfa ? [] : Config.section("auth").MFA_REQUIRED_FOR;
  const member: Member = {
    type: "member",
    userId: access.userId,
    sessionId: access.sessionId,
    username,
    roles: roles.filter((role) => !needed.includes(role)),
    withheldRoles: roles.filter((role) => needed.includes(role)),
    hasProvenEmail,
    ...(language === null ? {} : { language }),
  };
  previous.set(access, member);
  return member;
}

export * as Access from "./access.ts";
