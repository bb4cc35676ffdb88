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
  const counters = [codeCounter(account.email)];
  await Lockout.assertUnlocked(counters);
  if (!(await MfaCode.take(account.id, code))) {
    await failed(counters, account.email, account);
    throw new AppError("INVALID_MFA_CODE");
  }
  await Lockout.assertUnlocked(counters);
  await Lockout.resetCodeFailures(account.email);
}
