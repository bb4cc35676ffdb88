import { createHash, createHmac } from "node:crypto";
import { and, eq, isNull } from "drizzle-orm";
import * as v from "valibot";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Input } from "../../platform/input.ts";
import { Quota } from "../../platform/limit/index.ts";
import { Mail, MailToken } from "../../platform/mail/index.ts";
import { Seal } from "../../platform/seal.ts";
import { EnteredPassword } from "../password/index.ts";
import { Lockout, OwnPassword, SessionRecord } from "../session/index.ts";
import { type Say, Notice, User, voiceFor } from "../user/index.ts";
import { passwordResets } from "../session/session.sql.ts";
import { users } from "../user/user.sql.ts";

export const Request = v.strictObject({ email: User.Email, password: EnteredPassword });
export const Confirmation = v.strictObject({
  token: v.pipe(Input.string(), Input.minCharacters(1), Input.maxCharacters(2000)),
});

/** Limit per member, so that a member cannot flood other people's addresses with mail. */
const PER_MEMBER: Quota.Quota = {
  name: "email-changes",
  limit: 3,
  windowSeconds: 3600,
  detail: "At most 3 changes of the address can be requested in an hour.",
};
const TOKEN_HOURS = 24;

/**
 * The encrypted content of a token, which the database does not store. {@link confirm} compares the old address and the
 * digest of the password hash with the account. So a token works only once, and a member who resets their password
 * invalidates an attacker's token.
 */
const Token = v.strictObject({
  userId: v.pipe(v.string(), v.uuid()),
  from: v.string(),
  to: v.string(),
  password: v.string(),
  endsAt: v.number(),
});
type Token = v.InferOutput<typeof Token>;

/**
 * Requests a change of the e-mail address, and mails a token to the new address; the change happens when that token is
 * confirmed. Notifies the current address. Does not reveal whether another account has the new address: in that case no
 * token is sent.
 * @param address the client address
 * @throws AppError WRONG_PASSWORD, RATE_LIMITED, ACCOUNT_LOCKED; VALIDATION_FAILED for the current address
 */
export async function request(input: v.InferOutput<typeof Request>, address: string): Promise<void> {
  const { user, passwordHash, counters } = await OwnPassword.prove(input.password, address);
  await Lockout.resetFailures(counters, user.email);
  await Quota.take(PER_MEMBER, user.id);
  const token = tokenOf({ id: user.id, email: user.email, passwordHash }, input.email);
  const taken = await User.credentialsOf(input.email);
  const mail = changeMail(token, await voiceFor(user.email));
  await (taken ? Mail.sendDecoy(mail) : Mail.send({ to: input.email, ...mail }));
  await Notice.send(user.email, "email_asked");
  await Audit.record("user.email_asked", "user", user.id);
}

/**
 * Sets the member's e-mail address to the address that received the token. Invalidates open password resets.
 * @throws AppError INVALID_EMAIL_PROOF; EMAIL_TAKEN when another account has registered the address meanwhile
 */
export async function confirm(input: v.InferOutput<typeof Confirmation>): Promise<void> {
  const token = open(input.token);
  if (!token || token.endsAt <= Clock.now().getTime()) throw new AppError("INVALID_EMAIL_PROOF");
  const { userId, from, to } = token;
  try {
    await Db.transaction(async () => {
      const account = await SessionRecord.lockSessions(userId);
      if (!account?.passwordHash || digest(account.passwordHash) !== token.password)
        throw new AppError("INVALID_EMAIL_PROOF");
      const now = Clock.now();
      const changed = await Db.use()
        .update(users)
        .set({ email: to, emailVerifiedAt: now, updatedAt: now })
        .where(and(eq(users.id, userId), eq(users.email, from), isNull(users.deletedAt)))
        .returning({ id: users.id });
      if (changed.length === 0) throw new AppError("INVALID_EMAIL_PROOF");
      await Db.use()
        .update(passwordResets)
        .set({ usedAt: now })
        .where(and(eq(passwordResets.userId, userId), isNull(passwordResets.usedAt)));
      await Lockout.forgetAddresses(userId);
      await Audit.record("user.email", "user", userId, {}, userId);
      await Notice.send(from, "email");
      await Notice.send(to, "email");
    });
  } catch (error) {
    throw User.nameTaken(error) ?? error;
  }
}

/** Creates the token that changes the address of an account from its current address to `to`. */
export function tokenOf(
  account: { readonly id: string; readonly email: string; readonly passwordHash: string },
  to: string,
): string {
  return seal({
    userId: account.id,
    from: account.email,
    to,
    password: digest(account.passwordHash),
    endsAt: Clock.now().getTime() + TOKEN_HOURS * 3_600_000,
  });
}

const digest = (passwordHash: string) => createHash("sha256").update(passwordHash).digest("base64url");

function keys(): Buffer[] {
  const { JWT_KEY, JWT_KEY_PREVIOUS } = Config.section("auth");
  return [JWT_KEY, JWT_KEY_PREVIOUS]
    .filter((secret) => secret !== undefined)
    .map((secret) => createHmac("sha256", secret).update("email change").digest());
}

function seal(token: Token): string {
  const [key] = keys();
  if (!key) throw new Config.ConfigError(["JWT_KEY is not set"]);
  return Buffer.from(Seal.seal(JSON.stringify(token), key), "base64").toString("base64url");
}

/**
 * Decrypts a token.
 * @returns undefined for an invalid token
 */
function open(text: string): Token | undefined {
  const sealed = Buffer.from(text, "base64url").toString("base64");
  for (const key of keys()) {
    try {
      return v.parse(Token, JSON.parse(Seal.open(sealed, key)));
    } catch {
      // The token was encrypted with another key, or is not a token.
    }
  }
  return undefined;
}

function changeMail(token: string, say: Say): { readonly subject: string; readonly text: string } {
  const page = Config.section("mail").EMAIL_CHANGE_URL;
  const how = MailToken.tokenLines(say("Confirm here that this address is yours:"), page, token);
  return {
    subject: say("Your new address"),
    text: [
      say("Someone, hopefully you, wants to use this address for their account."),
      how,
      say(`It works once, within ${TOKEN_HOURS} hours. If it was not you, do nothing.`),
    ].join("\n\n"),
  };
}

export * as EmailChange from "./email-change.ts";
