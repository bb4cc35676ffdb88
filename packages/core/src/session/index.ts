import { and, eq, isNull } from "drizzle-orm";
import * as v from "valibot";
import { Clock } from "../clock.ts";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import { Id } from "../id.ts";
import { Input } from "../input.ts";
import { User } from "../user/index.ts";
import { users } from "../user/user.sql.ts";
import { failed } from "./failed.ts";
import { Lockout } from "./lockout.ts";
import { Password } from "./password.ts";
import { refreshTokens } from "./session.sql.ts";
import { Token } from "./token.ts";

const REFRESH_TOKEN_DAYS = 7;
/** A client whose reply was lost may present the old token once more within this time and gets the same successor. */
const GRACE_SECONDS = 10;

export const Login = v.strictObject({
  email: User.Email,
  password: v.pipe(Input.string(), Input.minCharacters(1), Input.maxCharacters(Password.PASSWORD_MAX_LENGTH)),
});
export const RefreshInput = v.strictObject({
  refresh_token: v.pipe(Input.string(), Input.minCharacters(1), Input.maxCharacters(200)),
});

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
}
export type SignedIn = Tokens & { readonly user: User.OwnInfo };

/**
 * Signs in. Answer and time are the same for a wrong password and for an account that does not exist.
 * @param address where the client is: failures are counted by address and by account, see {@link Lockout}
 * @throws AppError INVALID_CREDENTIALS, RATE_LIMITED, ACCOUNT_LOCKED
 */
export async function login(input: v.InferOutput<typeof Login>, address: string): Promise<SignedIn> {
  const counters = await Lockout.begin(address, input.email);
  const found = await User.credentialsOf(input.email);
  if (!(await Password.verify(input.password, found?.passwordHash)) || !found) {
    await failed(counters, found?.user);
    throw new AppError("INVALID_CREDENTIALS");
  }
  await Lockout.assertUnlocked(counters);
  const tokens = await Db.transaction(async () => {
    // A password that was reset meanwhile opens nothing any more.
    const isSame = (await hold(found.user.id))?.passwordHash === found.passwordHash;
    return isSame ? begin(found.user.id) : undefined;
  });
  if (!tokens) throw new AppError("INVALID_CREDENTIALS");
  await Lockout.forgive(counters, input.email);
  await Lockout.remember(address, input.email, found.user.id);
  return { user: found.user, ...tokens };
}

/**
 * Trades a refresh token for its successor and a new access token. Using an old one later than the grace allows says that
 * it was stolen: the whole family is revoked.
 * @throws AppError INVALID_REFRESH_TOKEN
 */
export async function refresh(input: v.InferOutput<typeof RefreshInput>): Promise<Tokens> {
  const now = Clock.now();
  const tokens = await Db.transaction(async () => {
    const db = Db.use();
    const isToken = eq(refreshTokens.tokenHash, Token.digest(input.refresh_token));
    const [found] = await db.select({ userId: refreshTokens.userId }).from(refreshTokens).where(isToken);
    const account = found && (await hold(found.userId));
    const [row] = await db.select().from(refreshTokens).where(isToken);
    if (!row || row.revokedAt || row.expiresAt <= now || !account || account.deletedAt) return undefined;
    const successor = Token.successorOf(input.refresh_token);
    if (row.usedAt) {
      if (now.getTime() - row.usedAt.getTime() > GRACE_SECONDS * 1000) {
        await revokeFamily(row.familyId);
        return undefined; // the revocation must commit, so no throw in here
      }
    } else {
      await db.update(refreshTokens).set({ usedAt: now }).where(eq(refreshTokens.id, row.id));
      await keep(row.userId, row.familyId, successor, now);
    }
    return toTokens({ userId: row.userId, sessionId: row.familyId }, successor);
  });
  if (!tokens) throw new AppError("INVALID_REFRESH_TOKEN");
  return tokens;
}

/** Ends the session that the token belongs to. An unknown token is no error: it is ended already. */
export async function logout(input: v.InferOutput<typeof RefreshInput>): Promise<void> {
  await Db.transaction(async () => {
    const [row] = await Db.use()
      .select({ familyId: refreshTokens.familyId, userId: refreshTokens.userId })
      .from(refreshTokens)
      .where(eq(refreshTokens.tokenHash, Token.digest(input.refresh_token)));
    if (!row) return;
    await hold(row.userId);
    await revokeFamily(row.familyId);
  });
}

/**
 * Lets one change of a member's sessions happen at a time, until the transaction ends: a token that is being renewed just now must
 * not escape from a revocation. Always the first lock that is taken.
 */
export async function hold(
  userId: string,
): Promise<{ readonly passwordHash: string | null; readonly deletedAt: Date | null } | undefined> {
  const [row] = await Db.use()
    .select({ passwordHash: users.passwordHash, deletedAt: users.deletedAt })
    .from(users)
    .where(eq(users.id, userId))
    .for("no key update");
  return row;
}

/** Begins a session of a member: a new family of refresh tokens. */
export async function begin(userId: string): Promise<Tokens> {
  const [token, sessionId] = [Token.refresh(), Id.uuid()];
  await keep(userId, sessionId, token, Clock.now());
  return toTokens({ userId, sessionId }, token);
}

async function keep(userId: string, familyId: string, token: string, now: Date): Promise<void> {
  const expiresAt = new Date(now.getTime() + REFRESH_TOKEN_DAYS * 86_400_000);
  await Db.use()
    .insert(refreshTokens)
    .values({ id: Id.uuid(), userId, familyId, tokenHash: Token.digest(token), expiresAt });
}

/** Ends every session of a member, whom the caller holds, and with it the access tokens that are out. */
export async function revokeAll(userId: string): Promise<void> {
  await Db.use()
    .update(refreshTokens)
    .set({ revokedAt: Clock.now() })
    .where(and(eq(refreshTokens.userId, userId), isNull(refreshTokens.revokedAt)));
}

async function revokeFamily(familyId: string): Promise<void> {
  await Db.use()
    .update(refreshTokens)
    .set({ revokedAt: Clock.now() })
    .where(and(eq(refreshTokens.familyId, familyId), isNull(refreshTokens.revokedAt)));
}

async function toTokens(access: Token.Access, refreshToken: string): Promise<Tokens> {
  return {
    access_token: await Token.signAccess(access),
    refresh_token: refreshToken,
    token_type: "Bearer",
    expires_in: Token.ACCESS_TOKEN_SECONDS,
  };
}

export * as Session from "./index.ts";
