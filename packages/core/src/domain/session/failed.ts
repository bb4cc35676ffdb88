import { Audit } from "../audit/index.ts";
import { Log } from "../../platform/log.ts";
import { Lockout } from "./lockout.ts";
import type { Counter } from "./lockout-rules.ts";

/** An account on which somebody failed. */
interface Account {
  readonly id: string;
}

/**
 * Counts a failed proof of who somebody is, and tells of it: a line in the log for each failure, an entry in the audit log for each lock
 * that begins, and a mail when the account is locked until its password is reset. An attacker cannot fill the audit log with guesses.
 * @param email the address that was given
 * @param account undefined when there is none: the same is counted, and a mail to nobody is queued
 * @throws AppError RATE_LIMITED, ACCOUNT_LOCKED when the count was locked meanwhile
 */
export async function failed(counters: readonly Counter[], email: string, account?: Account): Promise<void> {
  const reached = await Lockout.countFailure(counters);
  Log.warn("login failed", { user_id: account?.id ?? null });
  for (const { kind, failures, isForGood } of reached) {
    Log.warn("logins locked", { by: kind, failures, until_reset: isForGood, user_id: account?.id ?? null });
    if (account)
      await Audit.record("session.lockout", "user", account.id, { by: kind, failures, until_reset: isForGood });
  }
  if (!reached.some(({ isForGood }) => isForGood)) return;
  const { mailLocked } = await import("./reset.ts");
  await mailLocked(email);
}
