import { AppError } from "../../platform/error.ts";
import { MfaCode } from "../mfa/index.ts";
import { failed } from "./failed.ts";
import { codeCounter } from "./lockout-rules.ts";
import { Lockout } from "./lockout.ts";

interface Account {
  readonly id: string;
  readonly email: string;
}

/**
 * Uses up a code of the member's app or a recovery code. Wrong codes are counted for the account, since the password
 * was right.
 * @throws AppError INVALID_MFA_CODE, RATE_LIMITED, ACCOUNT_LOCKED
 */
export async function takeCode(account: Account, code: string): Promise<void> {
  await countingFailures(account, async () => (await MfaCode.take(account.id, code)) || undefined);
}

/**
 * Checks a code of an account, unless the account is locked by too many wrong codes. Of many concurrent guesses, only
 * guesses that finish before the lock reveal anything.
 * @param check returns undefined for a wrong code
 * @throws AppError INVALID_MFA_CODE, RATE_LIMITED, ACCOUNT_LOCKED
 */
export async function countingFailures<T>(account: Account, check: () => Promise<T | undefined>): Promise<T> {
  const counters = [codeCounter(account.email)];
  await Lockout.assertUnlocked(counters);
  const checked = await check();
  if (checked === undefined) {
    await failed(counters, account.email, account);
    throw new AppError("INVALID_MFA_CODE");
  }
  await Lockout.assertUnlocked(counters);
  await Lockout.resetCodeFailures(account.email);
  return checked;
}
