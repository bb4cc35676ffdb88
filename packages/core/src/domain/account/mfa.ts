import { and, asc, count, eq, gt, isNull } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Log } from "../../platform/log.ts";
import { EnteredPassword } from "../password/index.ts";
import { Notice, User } from "../user/index.ts";
import { OwnPassword, SessionRecord, countingFailures, takeCode } from "../session/index.ts";
import { sessions } from "../session/session.sql.ts";
import { Code, MfaCode, Totp, openSecret, renewRecoveryCodes, sealSecret } from "../mfa/index.ts";
import { recoveryCodes, totpSecrets } from "../mfa/mfa.sql.ts";
import type { RecoveryCodes, Status, TotpSecret } from "../mfa/schema.ts";

export const Confirmation = v.strictObject({ code: Code });
/** Request body with the password and a code: both factors again. */
export const BothFactors = v.strictObject({ password: EnteredPassword, code: Code });

/** The state of the current member's second factor. */
export async function status(): Promise<Status> {
  const { userId, roles, withheldRoles = [] } = Actor.session();
  const [codes] = await Db.use()
    .select({ left: count() })
    .from(recoveryCodes)
    .where(and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt)));
  const needed = Config.section("auth").MFA_REQUIRED_FOR;
  return {
    is_enabled: await MfaCode.isEnabled(userId),
    recovery_codes_left: codes?.left ?? 0,
    required_for: [...roles, ...withheldRoles].filter((role) => needed.includes(role)),
  };
}

/**
 * Starts the enrolment of an app, which becomes active with its first code ({@link confirm}). A second call before that
 * code replaces the first enrolment.
 * @param address the client address
 * @throws AppError MFA_ALREADY_ENABLED; WRONG_PASSWORD, RATE_LIMITED, ACCOUNT_LOCKED
 */
export async function enrol(
  { password }: v.InferOutput<typeof OwnPassword.Proof>,
  address: string,
): Promise<TotpSecret> {
  const proven = await OwnPassword.prove(password, address);
  const { id, username } = proven.user;
  const secret = await Totp.newSecret();
  await Db.transaction(async () => {
    await OwnPassword.lockProven(proven);
    if (await MfaCode.isEnabled(id)) throw new AppError("MFA_ALREADY_ENABLED");
    const values = { secret: sealSecret(secret, id), createdAt: Clock.now() };
    await Db.use()
      .insert(totpSecrets)
      .values({ userId: id, ...values })
      .onConflictDoUpdate({ target: totpSecrets.userId, set: values });
  });
  return { secret, uri: await Totp.uriOf(secret, username) };
}

/**
 * Activates the app that generated this code. From now on, the current session counts as a session with a verified
 * second factor. Wrong codes are counted like wrong codes of a login: otherwise a thief with a stolen session could
 * guess the code of an enrolment that the member has started, and would get the recovery codes.
 * @returns recovery codes, which are shown only this once
 * @throws AppError NOT_FOUND without a started enrolment, INVALID_MFA_CODE, RATE_LIMITED, ACCOUNT_LOCKED
 */
export async function confirm({ code }: v.InferOutput<typeof Confirmation>): Promise<RecoveryCodes> {
  const { userId, sessionId } = Actor.session();
  const now = Clock.now();
  const isPending = and(eq(totpSecrets.userId, userId), isNull(totpSecrets.confirmedAt));
  const [row] = await Db.use().select({ secret: totpSecrets.secret }).from(totpSecrets).where(isPending);
  if (!row) throw new AppError("NOT_FOUND");
  const { secret } = openSecret(row.secret, userId);
  const step = await countingFailures(await User.me(), () => Totp.stepOf(secret, code, now));
  const codes = await Db.transaction(async () => {
    await SessionRecord.lockSessions(userId);
    const confirmed = await Db.use()
      .update(totpSecrets)
      .set({ confirmedAt: now, lastStep: step })
      .where(and(isPending, eq(totpSecrets.secret, row.secret)))
      .returning({ userId: totpSecrets.userId });
    // Another request has confirmed or replaced the enrolment meanwhile.
    if (confirmed.length === 0) throw new AppError("NOT_FOUND");
    await Db.use().update(sessions).set({ mfaAt: now }).where(eq(sessions.id, sessionId));
    await notify("mfa_on", "user.mfa_enable", userId);
    return renewRecoveryCodes(userId);
  });
  return { recovery_codes: codes };
}

/**
 * Removes the current member's second factor. Roles that require a second factor no longer count in any of the member's
 * sessions.
 * @throws AppError NOT_FOUND when there is no second factor; WRONG_PASSWORD, INVALID_MFA_CODE, RATE_LIMITED,
 * ACCOUNT_LOCKED
 */
export async function disable(input: v.InferOutput<typeof BothFactors>, address: string): Promise<void> {
  const { userId } = Actor.session();
  await bothFactors(input, address);
  await Db.transaction(async () => {
    await SessionRecord.lockSessions(userId);
    await removeFactors(userId);
    await notify("mfa_off", "user.mfa_disable", userId);
  });
}

/**
 * Replaces the recovery codes.
 * @throws AppError as {@link disable}
 */
export async function renew(input: v.InferOutput<typeof BothFactors>, address: string): Promise<RecoveryCodes> {
  const { userId } = Actor.session();
  await bothFactors(input, address);
  const codes = await Db.transaction(async () => {
    await SessionRecord.lockSessions(userId);
    await notify("mfa_codes", "user.mfa_codes", userId);
    return renewRecoveryCodes(userId);
  });
  return { recovery_codes: codes };
}

async function bothFactors({ password, code }: v.InferOutput<typeof BothFactors>, address: string): Promise<void> {
  if (!(await MfaCode.isEnabled(Actor.session().userId))) throw new AppError("NOT_FOUND");
  const { user } = await OwnPassword.prove(password, address);
  await takeCode(user, code);
}

/**
 * Removes the second factor of a member who has lost it. For operators, who must have verified the member's identity.
 * Audited; the member is notified by mail.
 * @returns false when the member had no second factor
 */
export async function reset(userId: string): Promise<boolean> {
  return Db.transaction(async () => {
    await SessionRecord.lockSessions(userId);
    if (!(await removeFactors(userId))) return false;
    await notify("mfa_off", "user.mfa_reset", userId);
    return true;
  });
}

/**
 * Removes a member's second factor and recovery codes.
 * @returns whether the member had a second factor
 */
export async function removeFactors(userId: string): Promise<boolean> {
  await Db.use().delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
  await Db.use().update(sessions).set({ mfaAt: null }).where(eq(sessions.userId, userId));
  const removed = await Db.use()
    .delete(totpSecrets)
    .where(eq(totpSecrets.userId, userId))
    .returning({ confirmedAt: totpSecrets.confirmedAt });
  return removed.some(({ confirmedAt }) => confirmedAt !== null);
}

const AT_ONCE = 500;

/**
 * Encrypts every TOTP secret again with the current key, before the previous key is removed from the configuration.
 * @returns the number of secrets encrypted again, and the number of secrets that no configured key can decrypt: their
 * members need {@link reset}
 */
export async function resealAll(): Promise<{ readonly sealed: number; readonly lost: number }> {
  let [sealed, lost, last] = [0, 0, "00000000-0000-0000-0000-000000000000"];
  for (;;) {
    const rows = await Db.use()
      .select({ userId: totpSecrets.userId, secret: totpSecrets.secret })
      .from(totpSecrets)
      .where(gt(totpSecrets.userId, last))
      .orderBy(asc(totpSecrets.userId))
      .limit(AT_ONCE);
    for (const row of rows) {
      last = row.userId;
      const outcome = await reseal(row);
      sealed += outcome === "sealed" ? 1 : 0;
      lost += outcome === "lost" ? 1 : 0;
    }
    if (rows.length < AT_ONCE) return { sealed, lost };
  }
}

async function reseal(row: {
  readonly userId: string;
  readonly secret: string;
}): Promise<"sealed" | "current" | "lost"> {
  const opened = tryOpen(row.secret, row.userId);
  if (!opened) return "lost";
  if (opened.isCurrent) return "current";
  await Db.use()
    .update(totpSecrets)
    .set({ secret: sealSecret(opened.secret, row.userId) })
    .where(and(eq(totpSecrets.userId, row.userId), eq(totpSecrets.secret, row.secret)));
  return "sealed";
}

function tryOpen(sealed: string, userId: string): ReturnType<typeof openSecret> | undefined {
  try {
    return openSecret(sealed, userId);
  } catch (error) {
    Log.error("the secret of a second factor cannot be decrypted", error, { user_id: userId });
    return undefined;
  }
}

async function notify(kind: "mfa_on" | "mfa_off" | "mfa_codes", action: string, userId: string): Promise<void> {
  await Audit.record(action, "user", userId);
  Log.info("second factor changed", { user_id: userId, action });
  const account = await User.accountOf(userId);
  if (account) await Notice.send(account.email, kind);
}

export * as Mfa from "./mfa.ts";
