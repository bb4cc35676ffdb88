import { Audit } from "../../platform/audit/index.ts";
import { lazy } from "../../platform/lazy.ts";
import { Log } from "../../platform/log.ts";
import { Lockout } from "./lockout.ts";
import type { Counter } from "./lockout-rules.ts";

const reset = lazy(() => import("./reset.ts"));

/** The account to which a login failed. */
interface Account {
  readonly id: string;
}

/**
 * Counts a failed authentication and reports it: a log line for each failure, an audit entry for each new lock, and a
 * mail when the account is locked until its password is reset. Only new locks are audited, so that an attacker cannot
 * fill the audit log with guesses.
 * @param email the address that was entered
 * @param account undefined when there is no such account: the failure is counted in the same way, and a decoy mail is
 * queued
 * @throws AppError RATE_LIMITED, ACCOUNT_LOCKED when a counter was locked meanwhile
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
  const { mailLocked } = await reset();
  await mailLocked(email);
}
