import { and, count, eq, gt, isNull } from "drizzle-orm";
import * as v from "valibot";
import { Audit } from "../audit/index.ts";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import { Id } from "../id.ts";
import { Log } from "../log.ts";
import { Mail } from "../mail/index.ts";
import { User } from "../user/index.ts";
import { hold, revokeAll } from "./index.ts";
import { Password } from "./password.ts";
import { passwordResets } from "./session.sql.ts";
import { Token } from "./token.ts";

/** Every request for a reset lasts this long: longer than writing the token and handing over the mail usually do. */
const ANSWER_AFTER_MS = 500;
/** Nobody's letter box is filled by someone else. */
const MAILS_PER_HOUR = 3;

export const Request = v.strictObject({ email: User.Email });
export const Confirmation = v.strictObject({
  token: v.pipe(v.string("must be a text"), v.minLength(1, "must not be empty"), v.maxLength(200)),
  password: User.NewPassword,
});

/** Mails a token to the account's address when there is such an account. Answer and time tell nobody whether there is. */
export async function request(input: v.InferOutput<typeof Request>): Promise<void> {
  const startedAt = performance.now();
  await issue(input.email).catch(failed);
  // Neither the mail nor the pause may hold a database connection.
  await Db.afterCommit(() => Clock.sleep(Math.max(0, ANSWER_AFTER_MS - (performance.now() - startedAt))));
}

const failed = (error: unknown) => Log.error("a password reset could not be mailed", error);

async function issue(email: string): Promise<void> {
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
    const mail = { to: email, subject: "Your new password", text: letter(token, PASSWORD_RESET_MINUTES) };
    await Db.afterCommit(() => Mail.send(mail).catch(failed));
  });
}

/** The token stands behind `#`, which no browser sends to a server or in a referrer. */
function letter(token: string, minutes: number): string {
  const page = Config.section("mail").PASSWORD_RESET_URL;
  const how = page === undefined ? `Token: ${token}` : `Choose a new password here:\n${page}#token=${token}`;
  return `Somebody, hopefully you, asked for a new password.\n\n${how}\n\nIt works once, within ${minutes} minutes. If it was not you, do nothing.`;
}

/**
 * Sets a new password and ends every session of the account. The token works once; a refused password does not use it up.
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
    await Audit.record("user.password_reset", "user", known.userId);
  });
}

export * as PasswordReset from "./reset.ts";
