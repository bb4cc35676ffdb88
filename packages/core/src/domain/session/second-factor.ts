import { AppError } from "../../platform/error.ts";
import { MfaCode } from "../mfa/code.ts";
import { failed } from "./failed.ts";
import { codeCounter } from "./lockout-rules.ts";
import { Lockout } from "./lockout.ts";

interface Account {
  readonly id: string;
  readonly email: string;
}

/**
 * Takes a code of the member's app or a recovery code, once. Wrong ones are counted for the account, whose password was right before.
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
  await Lockout.forgiveCodes(account.email);
}
