import { and, eq, isNull } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Notice, User } from "../user/index.ts";
import { failed } from "./failed.ts";
import { EnteredPassword, NewPassword, Password } from "../password/index.ts";
import type { Counter } from "./lockout-rules.ts";
import { Lockout } from "./lockout.ts";
import { lockSessions, revokeAll } from "./record.ts";
import { passwordResets } from "./session.sql.ts";

export const Change = v.strictObject({ current_password: EnteredPassword, new_password: NewPassword });
/** Request body that proves the caller's identity by the password. */
export const Proof = v.strictObject({ password: EnteredPassword });

/** The current member's account, after a check of its password. */
export interface Proven {
  readonly user: User.OwnInfo;
  readonly passwordHash: string;
  readonly counters: readonly Counter[];
}

/**
 * Verifies the current member's password, since a thief may have the access token alone. Wrong passwords count as
 * failed logins from a known address, so that failures of strangers cannot block the member. Hashing is slow, so this
 * must not run in a transaction.
 * @param address the client address
 * @throws AppError WRONG_PASSWORD, RATE_LIMITED, ACCOUNT_LOCKED
 */
export async function prove(password: string, address: string): Promise<Proven> {
  const { email } = await User.me();
  const counters = await Lockout.begin(address, email, true);
  const found = await User.credentialsOf(email);
  if (!(await Password.verify(password, found?.passwordHash)) || !found || found.passwordHash === null) {
    await failed(counters, email, found?.user);
    throw new AppError("WRONG_PASSWORD");
  }
  await Lockout.assertUnlocked(counters);
  return { user: found.user, passwordHash: found.passwordHash, counters };
}

/**
 * Locks the current member's account, whose password was verified before the transaction began. Resets earlier
 * failures.
 * @throws AppError WRONG_PASSWORD when the password was changed since
 */
export async function lockProven({ user, passwordHash, counters }: Proven): Promise<void> {
  const account = await lockSessions(user.id);
  if (account?.passwordHash !== passwordHash) throw new AppError("WRONG_PASSWORD");
  await Lockout.resetFailures(counters, user.email);
}

/**
 * Changes the current member's password. Revokes their other sessions and open password resets, and notifies them by
 * mail.
 * @throws AppError WRONG_PASSWORD, RATE_LIMITED, ACCOUNT_LOCKED; VALIDATION_FAILED for a guessable or unchanged
 * password
 */
export async function change(input: v.InferOutput<typeof Change>, address: string): Promise<void> {
  const { sessionId } = Actor.session();
  const proven = await prove(input.current_password, address);
  const { id, username, email } = proven.user;
  if (input.new_password === input.current_password)
    throw invalidField("new_password", "not_allowed", "must differ from the current password");
  await Password.assertUnguessable(input.new_password, username, email, "new_password");
  const passwordHash = await Password.hash(input.new_password);
  await Db.transaction(async () => {
    await lockProven(proven);
    await User.setPassword(id, passwordHash);
    await Db.use()
      .update(passwordResets)
      .set({ usedAt: Clock.now() })
      .where(and(eq(passwordResets.userId, id), isNull(passwordResets.usedAt)));
    await revokeAll(id, sessionId);
    await Lockout.forgetAddresses(id);
    await Lockout.remember(address, email, id);
    await Audit.record("user.password", "user", id);
    await Notice.send(email, "password");
  });
}

export * as OwnPassword from "./own-password.ts";
