import { and, count, eq, gt, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import * as v from "valibot";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Input } from "../../platform/input.ts";
import { Log } from "../../platform/log.ts";
import { Code, MfaCode } from "../mfa/index.ts";
import { Notice, User } from "../user/index.ts";
import { type Client, describe } from "./client.ts";
import { failed } from "./failed.ts";
import { EnteredPassword, Password } from "../password/index.ts";
import { Lockout } from "./lockout.ts";
import type { SignedIn, Tokens } from "./schema.ts";
import { begin, lockSessions, revoke, storeToken, toTokens } from "./record.ts";
import { takeCode } from "./second-factor.ts";
import { refreshTokens, sessions } from "./session.sql.ts";
import { Token } from "./token.ts";

export type { SignedIn } from "./schema.ts";

/**
 * Time during which a client that lost the response may send a used refresh token again: it gets the same successor.
 */
const GRACE_SECONDS = 10;
const HOUR_MS = 3_600_000;
/**
 * Retry time when a session has reached its hourly refresh limit: an hour divided by the limit, which is about a
 * minute.
 */
const RETRY_SECONDS = 60;
/** Alias for the other tokens of a session, in a query for one token. */
const others = alias(refreshTokens, "others");

export const Login = v.strictObject({ email: User.Email, password: EnteredPassword, mfa_code: v.optional(Code) });
export const RefreshInput = v.strictObject({
  refresh_token: v.pipe(Input.string(), Input.minCharacters(1), Input.maxCharacters(200)),
});

/**
 * Signs a member in. Response and timing are the same for a wrong password and for an unknown account.
 * @param client its failures are counted by address and by account, see {@link Lockout}
 * @throws AppError INVALID_CREDENTIALS, RATE_LIMITED, ACCOUNT_LOCKED; MFA_REQUIRED and INVALID_MFA_CODE once the
 * password was right
 */
export async function login(input: v.InferOutput<typeof Login>, client: Client): Promise<SignedIn> {
  const counters = await Lockout.begin(client.address, input.email);
  const found = await User.credentialsOf(input.email);
  const isRight = await Password.verify(input.password, found?.passwordHash, () => Lockout.assertUnlocked(counters));
  if (!isRight || !found) {
    await failed(counters, input.email, found?.user);
    throw new AppError("INVALID_CREDENTIALS");
  }
  await Lockout.assertUnlocked(counters);
  const { user, passwordHash } = found;
  const hasMfa = await MfaCode.isEnabled(user.id);
  if (hasMfa) {
    if (input.mfa_code === undefined) throw new AppError("MFA_REQUIRED");
    await takeCode(user, input.mfa_code);
  }
  const tokens = await Db.transaction(async () => {
    // Rejects the old password if it was reset meanwhile.
    if ((await lockSessions(user.id))?.passwordHash !== passwordHash) return undefined;
    await Audit.record("session.login", "user", user.id, { ...describe(client), mfa: hasMfa }, user.id);
    return begin(user.id, client, hasMfa);
  });
  if (!tokens) throw new AppError("INVALID_CREDENTIALS");
  await Lockout.resetFailures(counters, input.email);
  await Lockout.remember(client.address, input.email, user.id);
  Log.info("login", { user_id: user.id });
  return { user, ...tokens };
}

/**
 * Exchanges a refresh token for its successor and a new access token, until the session reaches its maximum age. Reuse
 * after the grace period means that the token was stolen: the whole session is revoked, and the member is notified by
 * mail.
 * @throws AppError INVALID_REFRESH_TOKEN; RATE_LIMITED for a session that is refreshed too often
 */
export async function refresh(input: v.InferOutput<typeof RefreshInput>, client: Client): Promise<Tokens> {
  const now = Clock.now();
  const tokens = await Db.transaction(async () => {
    const db = Db.use();
    const isToken = eq(refreshTokens.tokenHash, Token.digest(input.refresh_token));
    const [found] = await db.select({ userId: refreshTokens.userId }).from(refreshTokens).where(isToken);
    const account = found && (await lockSessions(found.userId));
    const ofSession = db
      .select({ made: count() })
      .from(others)
      .where(and(eq(others.familyId, sessions.id), gt(others.createdAt, new Date(now.getTime() - HOUR_MS))));
    const [row] = await db
      .select({
        token: refreshTokens,
        endedAt: sessions.endedAt,
        endsAt: sessions.expiresAt,
        recent: sql`${ofSession}`.mapWith(Number),
      })
      .from(refreshTokens)
      .innerJoin(sessions, eq(sessions.id, refreshTokens.familyId))
      .where(isToken);
    if (!row || row.endedAt || row.token.expiresAt <= now || row.endsAt <= now) return undefined;
    if (!account || account.deletedAt) return undefined;
    const { id, userId, familyId: sessionId, usedAt } = row.token;
    const successor = Token.successorOf(input.refresh_token);
    if (!usedAt) {
      assertNotTooOften(row.recent);
      await db.update(refreshTokens).set({ usedAt: now }).where(eq(refreshTokens.id, id));
      await db
        .update(sessions)
        .set({ lastUsedAt: now, ...describe(client) })
        .where(eq(sessions.id, sessionId));
      await storeToken({ userId, sessionId, expiresAt: row.endsAt }, successor, now);
    } else if (now.getTime() - usedAt.getTime() > GRACE_SECONDS * 1000) {
      await endStolen(userId, sessionId);
      return undefined; // no throw: the revocation must commit
    }
    return toTokens({ userId, sessionId }, successor);
  });
  if (!tokens) throw new AppError("INVALID_REFRESH_TOKEN");
  return tokens;
}

/**
 * Limits the refreshes of a session.
 * @param recent tokens of the session in the last hour
 */
function assertNotTooOften(recent: number): void {
  const limit = Config.section("auth").REFRESHES_PER_SESSION_PER_HOUR;
  if (recent <= limit) return; // the first token comes from the login, not from a refresh
  throw new AppError("RATE_LIMITED", {
    detail: `A session may be refreshed ${limit} times in an hour. Use its access token until it expires.`,
    retryAfterSeconds: RETRY_SECONDS,
  });
}

async function endStolen(userId: string, sessionId: string): Promise<void> {
  await revoke(userId, sessionId);
  await Audit.record("session.reuse", "session", sessionId, { user_id: userId });
  Log.warn("refresh token used again, session ended", { user_id: userId, session_id: sessionId });
  const account = await User.accountOf(userId);
  if (account) await Notice.send(account.email, "reuse");
}

/** Revokes the token's session. An unknown token is not an error: its session does not exist any more. */
export async function logout(input: v.InferOutput<typeof RefreshInput>): Promise<void> {
  await Db.transaction(async () => {
    const [row] = await Db.use()
      .select({ familyId: refreshTokens.familyId, userId: refreshTokens.userId })
      .from(refreshTokens)
      .where(eq(refreshTokens.tokenHash, Token.digest(input.refresh_token)));
    if (!row) return;
    await lockSessions(row.userId);
    if (!(await revoke(row.userId, row.familyId))) return;
    await Audit.record("session.logout", "session", row.familyId, {}, row.userId);
    Log.info("logout", { user_id: row.userId });
  });
}

export * as Session from "./session.ts";
