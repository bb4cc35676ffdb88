import { createHash, randomBytes } from "node:crypto";
import { and, eq, isNotNull, isNull, lt, or } from "drizzle-orm";
import * as v from "valibot";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Id } from "../../platform/id.ts";
import { Input } from "../../platform/input.ts";
import { RECOVERY_CODES, RECOVERY_CODE_MAX_CHARACTERS, recoveryCodes, totpSecrets } from "./mfa.sql.ts";
import { openSecret, sealSecret } from "./seal.ts";
import { Totp } from "./totp.ts";

/** A code of the second factor: six digits of the app, or a recovery code. */
export const Code = v.pipe(
  Input.string(),
  v.trim(),
  Input.minCharacters(6),
  Input.maxCharacters(RECOVERY_CODE_MAX_CHARACTERS),
);

/**
 * Alphabet of recovery codes, without letters that look like digits. 24 characters have 120 bits, so a plain hash is
 * enough (OWASP ASVS 5.0, 6.5.2).
 */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz023456789";
const RECOVERY_CHARACTERS = 24;

/** Whether the member has a second factor. */
export async function isEnabled(userId: string): Promise<boolean> {
  const [row] = await Db.use()
    .select({ userId: totpSecrets.userId })
    .from(totpSecrets)
    .where(and(eq(totpSecrets.userId, userId), isNotNull(totpSecrets.confirmedAt)));
  return row !== undefined;
}

/**
 * Uses up a code of the member's app or a recovery code.
 * @returns false for a wrong code, which the caller counts as a failure
 */
export function take(userId: string, code: string): Promise<boolean> {
  return /^\d{6}$/.test(code) ? takeTotp(userId, code) : takeRecoveryCode(userId, code);
}

async function takeTotp(userId: string, code: string): Promise<boolean> {
  const isEnrolled = and(eq(totpSecrets.userId, userId), isNotNull(totpSecrets.confirmedAt));
  const [row] = await Db.use().select({ secret: totpSecrets.secret }).from(totpSecrets).where(isEnrolled);
  if (!row) return false;
  const { secret, isCurrent } = openSecret(row.secret, userId);
  const step = await Totp.stepOf(secret, code, Clock.now());
  if (step === undefined) return false;
  // If two concurrent requests send the same code, the second request finds that the code's time step has been used.
  const taken = await Db.use()
    .update(totpSecrets)
    .set({ lastStep: step, ...(isCurrent ? {} : { secret: sealSecret(secret, userId) }) })
    .where(and(isEnrolled, or(isNull(totpSecrets.lastStep), lt(totpSecrets.lastStep, step))))
    .returning({ userId: totpSecrets.userId });
  return taken.length > 0;
}

async function takeRecoveryCode(userId: string, code: string): Promise<boolean> {
  const taken = await Db.use()
    .update(recoveryCodes)
    .set({ usedAt: Clock.now() })
    .where(
      and(eq(recoveryCodes.codeHash, hashOf(code)), eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt)),
    )
    .returning({ id: recoveryCodes.id });
  return taken.length > 0;
}

/**
 * Replaces the recovery codes.
 * @returns the new codes, which the member sees only once
 */
export async function renewRecoveryCodes(userId: string): Promise<readonly string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
  await Db.use().delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
  await Db.use()
    .insert(recoveryCodes)
    .values(codes.map((code) => ({ id: Id.uuid(), userId, codeHash: hashOf(code) })));
  return codes;
}

/** Creates a recovery code of the form `abcd-efgh-…`: six groups of four characters. */
function newRecoveryCode(): string {
  const characters = [...randomBytes(RECOVERY_CHARACTERS)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
  return characters.replaceAll(/.{4}(?=.)/g, "$&-");
}

/** Hashes a recovery code; ignores case and separators. */
const hashOf = (code: string) =>
  createHash("sha256")
    .update(`recovery\n${code.toLowerCase().replaceAll(/[^a-z0-9]/g, "")}`)
    .digest("hex");

export * as MfaCode from "./code.ts";
