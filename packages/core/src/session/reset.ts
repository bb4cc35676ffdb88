import { and, count, eq, gt, isNull } from "drizzle-orm";
import * as v from "valibot";
import { Audit } from "../audit/index.ts";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import { Id } from "../id.ts";
import { Input } from "../input.ts";
import { Log } from "../log.ts";
import { Mail } from "../mail/index.ts";
import { User } from "../user/index.ts";
import { hold, revokeAll } from "./index.ts";
import { Lockout } from "./lockout.ts";
import { Password } from "./password.ts";
import { passwordResets } from "./session.sql.ts";
import { Token } from "./token.ts";

/** Every request for a reset lasts this long: longer than writing the token and handing over the mail usually do. */
const ANSWER_AFTER_MS = 500;
/** Nobody's letter box is filled by someone else. */
const MAILS_PER_HOUR = 3;

export const Request = v.strictObject({ email: User.Email });
export const Confirmation = v.strictObject({
  token: v.pipe(Input.string(), Input.minCharacters(1), Input.maxCharacters(200)),
  password: User.NewPassword,
});

/** Mails a token to the account's address when there is such an account. Answer and time tell nobody whether there is. */
export async function request(input: v.InferOutput<typeof Request>): Promise<void> {
  const startedAt = performance.now();
  await issue(input.email, letter).catch(notMailed);
  // Neither the mail nor the pause may hold a database connection.
  await Db.afterCommit(() => Clock.sleep(Math.max(0, ANSWER_AFTER_MS - (performance.now() - startedAt))));
}

const notMailed = (error: unknown) => Log.error("a password reset could not be mailed", error);

/** Tells a member that their account is locked, with a token that is the way back. */
export async function mailLocked(email: string): Promise<void> {
  await issue(email, lockedLetter).catch((error: unknown) => Log.error("a lockout could not be mailed", error));
}

interface Letter {
  readonly subject: string;
  readonly text: string;
}

async function issue(email: string, write: (token: string, minutes: number) => Letter): Promise<void> {
  const found = await User.credentialsOf(email);
  if (!found) return;
  const { PASSWORD_RESET_MINUTES } = Config.section("auth");
  await Db.transaction(async () => {
    await hold(found.user.id); // of many requests at once no more than the limit get a token
    const now = Clock.now();
    const isRecent = gt(passwordResets.createdAt, new Date(now.getTime() - 3_600_000));
    const [recent] = await Db.use()
      .select({ made: count() })
      .from(passwordResets)
      .where(and(eq(passwordResets.userId, found.user.id), isRecent));
    if ((recent?.made ?? 0) >= MAILS_PER_HOUR) return;
    const token = Token.refresh();
    await Db.use()
      .insert(passwordResets)
      .values({
        id: Id.uuid(),
        userId: found.user.id,
        tokenHash: Token.digest(token),
        createdAt: now,
        expiresAt: new Date(now.getTime() + PASSWORD_RESET_MINUTES * 60_000),
      });
    const mail = { to: email, ...write(token, PASSWORD_RESET_MINUTES) };
    await Db.afterCommit(() => Mail.send(mail).catch(notMailed));
  });
}

function letter(token: string, minutes: number): Letter {
  const text = `Somebody, hopefully you, asked for a new password.\n\n${way(token)}\n\nIt works once, within ${minutes} minutes. If it was not you, do nothing.`;
  return { subject: "Your new password", text };
}

function lockedLetter(token: string, minutes: number): Letter {
  const text = `There were too many failed logins to your account, and it is locked: where you have not signed in before, nobody can sign in. Sessions that you have go on. A new password unlocks it.\n\n${way(token)}\n\nIt works once, within ${minutes} minutes; after that, ask for another one as if you had forgotten your password.`;
  return { subject: "Your account is locked", text };
}

/** The token stands behind `#`, which no browser sends to a server or in a referrer. */
function way(token: string): string {
  const page = Config.section("mail").PASSWORD_RESET_URL;
  return page === undefined ? `Token: ${token}` : `Choose a new password here:\n${page}#token=${token}`;
}

/**
 * Sets a new password, ends every session of the account and its lock. The token works once; a refused password does not use it up.
 * @throws AppError INVALID_RESET_TOKEN; VALIDATION_FAILED for a guessable password
 */
export async function confirm(input: v.InferOutput<typeof Confirmation>): Promise<void> {
  const now = Clock.now();
  const isOpen = and(
    eq(passwordResets.tokenHash, Token.digest(input.token)),
    isNull(passwordResets.usedAt),
    gt(passwordResets.expiresAt, now),
  );
  const [known] = await Db.use().select({ userId: passwordResets.userId }).from(passwordResets).where(isOpen);
  const account = known && (await User.accountOf(known.userId));
  if (!known || !account) throw new AppError("INVALID_RESET_TOKEN");
  Password.assertUnguessable(input.password, account.username, account.email);
  const passwordHash = await Password.hash(input.password);
  await Db.transaction(async () => {
    await hold(known.userId);
    const [used] = await Db.use()
      .update(passwordResets)
      .set({ usedAt: now })
      .where(isOpen)
      .returning({ id: passwordResets.id });
    if (!used || !(await User.setPassword(known.userId, passwordHash))) throw new AppError("INVALID_RESET_TOKEN");
    await Db.use()
      .update(passwordResets)
      .set({ usedAt: now })
      .where(and(eq(passwordResets.userId, known.userId), isNull(passwordResets.usedAt)));
    await revokeAll(known.userId);
    await Lockout.unlock(account.email);
    await Lockout.forgetAddresses(known.userId);
    await Audit.record("user.password_reset", "user", known.userId);
  });
}

export * as PasswordReset from "./reset.ts";
