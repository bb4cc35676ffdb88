import { and, eq, isNull } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { User } from "../user/index.ts";
import { failed } from "./failed.ts";
import { GivenPassword } from "./input.ts";
import type { Counter } from "./lockout-rules.ts";
import { Lockout } from "./lockout.ts";
import { Notice } from "./notice.ts";
import { Password } from "./password.ts";
import { hold, revokeAll } from "./record.ts";
import { passwordResets } from "./session.sql.ts";

export const Change = v.strictObject({ current_password: GivenPassword, new_password: User.NewPassword });
/** A body that proves who asks. */
export const Proof = v.strictObject({ password: GivenPassword });

/** The account of the member who acts, whose password was right. */
export interface Proven {
  readonly user: User.OwnInfo;
  readonly passwordHash: string;
  readonly counters: readonly Counter[];
}

/**
 * Asks the member who acts for their password: an access token alone may be a stolen one. Wrong ones count as failed logins, under the
 * member's own count: strangers who fail do not keep a member from proving who they are. Hashes, so it is never called in a transaction.
 * @param address where the client is
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
 * Holds the account of the member who acts, whose password was proven before the transaction began. Failures before it are forgiven.
 * @throws AppError WRONG_PASSWORD when it was changed since then
 */
export async function holdProven({ user, passwordHash, counters }: Proven): Promise<void> {
  const account = await hold(user.id);
  if (account?.passwordHash !== passwordHash) throw new AppError("WRONG_PASSWORD");
  await Lockout.forgive(counters, user.email);
}

/**
 * Changes the password of the member who acts. Ends their other sessions and what resets were asked for, and is told by mail.
 * @throws AppError WRONG_PASSWORD, RATE_LIMITED, ACCOUNT_LOCKED; VALIDATION_FAILED for a guessable password, or the same one
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
    await holdProven(proven);
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
