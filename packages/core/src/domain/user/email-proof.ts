import { createHmac, timingSafeEqual } from "node:crypto";
import { and, eq, isNull } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Input } from "../../platform/input.ts";
import { Quota } from "../../platform/limit/index.ts";
import { Mail, MailToken } from "../../platform/mail/index.ts";
import { User } from "./user.ts";
import { type Say, voiceFor } from "./voice.ts";
import { users } from "./user.sql.ts";

export const Request = v.strictObject({ email: User.Email });
export const Confirmation = v.strictObject({
  token: v.pipe(Input.string(), Input.minCharacters(1), Input.maxCharacters(200)),
});

/** Limit of mails to one address, so that it cannot be flooded. */
const PER_ADDRESS: Quota.Quota = {
  name: "email-proofs",
  limit: 3,
  windowSeconds: 3600,
  detail: "One address gets at most 3 mails an hour.",
};

// Lengths of a token's parts. A token contains the account's id, its expiry in seconds, and a MAC over these two and
// the address. The MAC replaces a table of tokens: a change of the address invalidates the token, and verifying twice
// is harmless.
const ID_BYTES = 16;
const SECONDS_BYTES = 6;
const MAC_BYTES = 32;

/** Mails the verification token of a new account. */
export async function mailTo(account: { readonly id: string; readonly email: string }): Promise<void> {
  await Mail.send({ to: account.email, ...proofMail(tokenOf(account), await voiceFor(account.email)) });
}

/**
 * Mails a new token, if the address has an account that is not verified yet. Does the same work for every address, so
 * that neither response nor timing reveals whether there is an account.
 */
export async function request({ email }: v.InferOutput<typeof Request>): Promise<void> {
  try {
    await Quota.take(PER_ADDRESS, email);
  } catch (error) {
    if (error instanceof AppError && error.code === "RATE_LIMITED") return; // the response is 202, as for any other address
    throw error;
  }
  const [account] = await Db.use()
    .select({ id: users.id, email: users.email, deletedAt: users.deletedAt, verifiedAt: users.emailVerifiedAt })
    .from(users)
    .where(User.hasEmail(email));
  if (account && !account.deletedAt && !account.verifiedAt) await mailTo(account);
  else await Mail.sendDecoy(proofMail(tokenOf({ id: NO_MEMBER, email }), await voiceFor(email)));
}

const NO_MEMBER = "00000000-0000-7000-8000-000000000000";

/**
 * Verifies the member's e-mail address. Idempotent.
 * @throws AppError INVALID_EMAIL_PROOF
 */
export async function confirm({ token }: v.InferOutput<typeof Confirmation>): Promise<void> {
  const read = parse(token);
  const account = read && (await User.accountOf(read.userId));
  if (!read || !account || !isGenuine(read, account.email)) throw new AppError("INVALID_EMAIL_PROOF");
  await Db.transaction(() => verify(account));
}

/** Marks an account's address as verified, unless the address has changed since it was read. */
export async function verify({ id, email }: { readonly id: string; readonly email: string }): Promise<void> {
  const rows = await Db.use()
    .update(users)
    .set({ emailVerifiedAt: Clock.now() })
    .where(and(eq(users.id, id), eq(users.email, email), isNull(users.emailVerifiedAt), isNull(users.deletedAt)))
    .returning({ id: users.id });
  if (rows.length > 0) await Audit.record("user.email_verified", "user", id);
}

/**
 * Marks an address as verified, for operators of stages without mail.
 * @throws Error when there is no such account
 */
export async function verifyAsOperator(email: string): Promise<void> {
  Actor.operator();
  const found = await User.credentialsOf(email);
  if (!found) throw new Error(`there is no account with the e-mail address ${email}`);
  await Db.transaction(() => verify(found.user));
}

interface Parts {
  readonly userId: string;
  readonly endsAtSeconds: number;
  readonly mac: Buffer;
}

/** The token that verifies an account's address, valid for `EMAIL_PROOF_HOURS`. */
export function tokenOf({ id, email }: { readonly id: string; readonly email: string }): string {
  const { EMAIL_PROOF_HOURS } = Config.section("membership");
  const endsAtSeconds = Math.floor(Clock.now().getTime() / 1000) + EMAIL_PROOF_HOURS * 3600;
  const seconds = Buffer.alloc(SECONDS_BYTES);
  seconds.writeUIntBE(endsAtSeconds, 0, SECONDS_BYTES);
  const mac = macOf(Config.section("auth").JWT_KEY, { userId: id, endsAtSeconds }, email);
  return Buffer.concat([Buffer.from(id.replaceAll("-", ""), "hex"), seconds, mac]).toString("base64url");
}

function parse(token: string): Parts | undefined {
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length !== ID_BYTES + SECONDS_BYTES + MAC_BYTES) return undefined;
  const hex = bytes.subarray(0, ID_BYTES).toString("hex");
  return {
    userId: [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-"),
    endsAtSeconds: bytes.readUIntBE(ID_BYTES, SECONDS_BYTES),
    mac: bytes.subarray(ID_BYTES + SECONDS_BYTES),
  };
}

/** Whether the token belongs to this address, is authentic under a current or previous key, and has not expired. */
function isGenuine(parts: Parts, email: string): boolean {
  if (parts.endsAtSeconds * 1000 <= Clock.now().getTime()) return false;
  const { JWT_KEY, JWT_KEY_PREVIOUS } = Config.section("auth");
  return [JWT_KEY, JWT_KEY_PREVIOUS]
    .filter((key) => key !== undefined)
    .some((key) => timingSafeEqual(macOf(key, parts, email), parts.mac));
}

function macOf(key: string, { userId, endsAtSeconds }: Omit<Parts, "mac">, email: string): Buffer {
  return createHmac("sha256", key).update(`email proof\n${userId}\n${endsAtSeconds}\n${email}`).digest();
}

function proofMail(token: string, say: Say): { subject: string; text: string } {
  const page = Config.section("mail").EMAIL_PROOF_URL;
  const how = MailToken.tokenLines(say("Confirm here that this address is yours:"), page, token);
  return {
    subject: say("Is this your address?"),
    text: [
      say("Someone, hopefully you, created an account with this address."),
      how,
      say(`It works within ${Config.section("membership").EMAIL_PROOF_HOURS} hours. If it was not you, do nothing.`),
    ].join("\n\n"),
  };
}

export * as EmailProof from "./email-proof.ts";
