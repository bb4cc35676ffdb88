import { and, asc, count, eq, gt, inArray, isNull, lt, sql } from "drizzle-orm";
import * as v from "valibot";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Id } from "../../platform/id.ts";
import { Input } from "../../platform/input.ts";
import { Log } from "../../platform/log.ts";
import { Mail, MailToken } from "../../platform/mail/index.ts";
import { type Say, Notice, User, voiceFor } from "../user/index.ts";
import { lockSessions, revokeAll } from "./record.ts";
import { Lockout } from "./lockout.ts";
import { NewPassword, Password } from "../password/index.ts";
import { passwordResets } from "./session.sql.ts";
import { Token } from "./token.ts";

/** Limit of mails to one address, so that it cannot be flooded. */
const MAILS_PER_HOUR = 3;
/**
 * Number of expired rows that each request removes, so that anonymous requests cannot make the table grow without
 * limit.
 */
const CLEARED_AT_ONCE = 5;
/** Seed of the hash in the advisory locks of resets, so that these locks differ from other advisory locks on a hash. */
const RESETS = 7_302_116;
/** Time for which an expired row is kept. */
const KEPT_HOURS = 24;

export const Request = v.strictObject({ email: User.Email });
export const Confirmation = v.strictObject({
  token: v.pipe(Input.string(), Input.minCharacters(1), Input.maxCharacters(200)),
  password: NewPassword,
});

/**
 * Mails a token to the address if it has an account. Neither response nor timing reveals whether it does: the same
 * queries run and a message of the same form is queued in both cases, and the response does not wait for the mail
 * server.
 */
export async function request({ email }: v.InferOutput<typeof Request>): Promise<void> {
  await issue(email, resetMail);
}

/** Notifies a member that their account is locked, with a token to unlock it. */
export async function mailLocked(email: string): Promise<void> {
  await issue(email, lockedMail).catch((error: unknown) => Log.error("a lockout could not be mailed", error));
}

interface MailText {
  readonly subject: string;
  readonly text: string;
}

async function issue(email: string, write: (token: string, minutes: number, say: Say) => MailText): Promise<void> {
  const now = Clock.now();
  const addressHash = Token.addressHash(email);
  await removeExpired(now);
  const found = await User.credentialsOf(email);
  const say = await voiceFor(email);
  const { PASSWORD_RESET_MINUTES } = Config.section("auth");
  await Db.transaction(async () => {
    // Runs concurrent requests for one address one after another, so that no more of them than the limit send a token.
    await Db.use().execute(sql`select pg_advisory_xact_lock(hashtextextended(${addressHash}, ${RESETS}))`);
    const isRecent = gt(passwordResets.createdAt, new Date(now.getTime() - 3_600_000));
    const [recent] = await Db.use()
      .select({ made: count() })
      .from(passwordResets)
      .where(and(eq(passwordResets.addressHash, addressHash), isRecent));
    if ((recent?.made ?? 0) >= MAILS_PER_HOUR) return;
    const token = Token.refresh();
    await Db.use()
      .insert(passwordResets)
      .values({
        id: Id.uuid(),
        userId: found?.user.id ?? null,
        addressHash,
        tokenHash: Token.digest(token),
        createdAt: now,
        expiresAt: new Date(now.getTime() + PASSWORD_RESET_MINUTES * 60_000),
      });
    const mail = write(token, PASSWORD_RESET_MINUTES, say);
    await (found ? Mail.send({ to: email, ...mail }) : Mail.sendDecoy(mail));
  });
}

async function removeExpired(now: Date): Promise<void> {
  const old = Db.use()
    .select({ id: passwordResets.id })
    .from(passwordResets)
    .where(lt(passwordResets.expiresAt, new Date(now.getTime() - KEPT_HOURS * 3_600_000)))
    .orderBy(asc(passwordResets.expiresAt))
    .limit(CLEARED_AT_ONCE)
    .for("update", { skipLocked: true });
  await Db.use().delete(passwordResets).where(inArray(passwordResets.id, old));
}

function resetMail(token: string, minutes: number, say: Say): MailText {
  const text = [
    say("Someone, hopefully you, requested a new password."),
    instructions(token, say),
    say(`It works once, within ${minutes} minutes. If it was not you, do nothing.`),
  ];
  return { subject: say("Your new password"), text: text.join("\n\n") };
}

function lockedMail(token: string, minutes: number, say: Say): MailText {
  const text = [
    say(
      "There were too many failed logins to your account, and it is locked: from an address that you have not used before, no one can sign in. Your open sessions continue. A new password unlocks it.",
    ),
    instructions(token, say),
    say(`It works once, within ${minutes} minutes; after that, request another one as for a forgotten password.`),
  ];
  return { subject: say("Your account is locked"), text: text.join("\n\n") };
}

const instructions = (token: string, say: Say): string =>
  MailToken.tokenLines(say("Choose a new password here:"), Config.section("mail").PASSWORD_RESET_URL, token);

/**
 * Sets a new password, revokes all sessions of the account and unlocks it. The token works once; a rejected password
 * does not use it up.
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
  const userId = known?.userId;
  const account = userId && (await User.accountOf(userId));
  if (!userId || !account) throw new AppError("INVALID_RESET_TOKEN");
  await Password.assertUnguessable(input.password, account.username, account.email);
  const passwordHash = await Password.hash(input.password);
  await Db.transaction(async () => {
    await lockSessions(userId);
    const [used] = await Db.use()
      .update(passwordResets)
      .set({ usedAt: now })
      .where(isOpen)
      .returning({ id: passwordResets.id });
    if (!used || !(await User.setPassword(userId, passwordHash))) throw new AppError("INVALID_RESET_TOKEN");
    await Db.use()
      .update(passwordResets)
      .set({ usedAt: now })
      .where(and(eq(passwordResets.userId, userId), isNull(passwordResets.usedAt)));
    await revokeAll(userId);
    await Lockout.unlock(account.email);
    await Lockout.forgetAddresses(userId);
    await Audit.record("user.password_reset", "user", userId);
    await Notice.send(account.email, "password");
  });
}

export * as PasswordReset from "./reset.ts";
