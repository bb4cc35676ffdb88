import { createHash } from "node:crypto";
import { Config } from "../../platform/config.ts";
import { networksOf } from "../../platform/network.ts";

export const WINDOW_SECONDS = 900;
/**
 * Time for which the count of a whole account is kept after its last failure: a year, so that slow guessing is counted
 * too.
 */
const ACCOUNT_SECONDS = 365 * 86_400;
/** Number of failures on an account before delays start; a member who tries all old passwords causes fewer. */
const ACCOUNT_FREE_FAILURES = 10;
/**
 * Limits of wider IPv6 networks (/64, /56, /48), relative to the limit of a single address: several members may share a
 * network.
 */
const SHARES = [1, 2, 4] as const;

/** One count of failures: its key, its limit, and the lock time after each further failure. */
export interface Counter {
  /** SHA-256 hex, so that the table does not reveal which client address tried which account. */
  readonly key: string;
  readonly kind: "pair" | "address" | "account";
  readonly keptSeconds: number;
  /** The lock time after failure number `failures`; {@link FOR_GOOD} means until the password is reset. */
  readonly lockSeconds: (failures: number) => number;
  /** The number of failures that causes the first lock. */
  readonly limit: number;
}
export const FOR_GOOD = Number.POSITIVE_INFINITY;

/** The number of failed logins that one client address may cause on one account, and their time window. */
export function policy(): { readonly limit: number; readonly windowSeconds: number } {
  return { limit: Config.section("auth").LOGIN_LIMIT_PER_15_MINUTES, windowSeconds: WINDOW_SECONDS };
}

/**
 * The lock time after a failure: 0 below the limit, `firstSeconds` at the limit, then doubled by each further failure.
 * At most 15 minutes, since the failures of an address expire after that time.
 */
export function growing(failures: number, limit: number, firstSeconds: number): number {
  if (failures < limit) return 0;
  return Math.min(WINDOW_SECONDS, firstSeconds * 2 ** Math.min(failures - limit, 20));
}

/**
 * The failures in a row that an account allows (NIST SP 800-63B-4 §3.2.2: at most 100). A fifth of them is reserved for
 * known client addresses, from which the member has signed in, so that strangers cannot use up the member's attempts.
 */
function totals(): { readonly strangers: number; readonly known: number } {
  const total = Config.section("auth").LOGIN_FAILURES_PER_ACCOUNT;
  const known = Math.floor(total / 5);
  return { strangers: total - known, known };
}

const hash = (...parts: readonly string[]) => createHash("sha256").update(parts.join("\n")).digest("hex");

/** The key of a client address from which a member has signed in: one IPv4 address, or one customer's IPv6 /56. */
export function knownKey(address: string, email: string): string {
  const networks = networksOf(address);
  return hash("login", networks[1] ?? address, email);
}

/**
 * The keys of an account's two counts of failed logins: from all unknown client addresses together, and from all known
 * client addresses together.
 */
export const accountKeys = (email: string): readonly [strangers: string, known: string] => [
  hash("account", email),
  hash("known", email),
];
/** The key of the count of wrong second factors; a correct password does not reset this count. */
export const codeKey = (email: string): string => hash("code", email);

/**
 * The counts that a failed login increases.
 * @param isKnown whether the account has signed in from that address before: then failures from unknown addresses do
 * not lock it
 */
export function countersOf(address: string, email: string, isKnown: boolean, now: Date): readonly Counter[] {
  const networks = networksOf(address);
  const pairs = networks.map((network, index) => pair(network, email, SHARES[index] ?? 1));
  if (isKnown) return [...pairs.slice(0, 2), account("known", email, totals().known)];
  const addresses = networks.map((network, index) => whole(network, SHARES[index] ?? 1, now));
  return [...pairs, ...addresses, account("account", email, totals().strangers)];
}

/** The count of an account's wrong second factors, which can be tried only with the correct password. */
export function codeCounter(email: string): Counter {
  const total = Config.section("auth").LOGIN_FAILURES_PER_ACCOUNT;
  const { limit } = policy();
  const lockSeconds = (failures: number) => (failures >= total ? FOR_GOOD : growing(failures, limit, 60));
  return { key: codeKey(email), kind: "account", keptSeconds: ACCOUNT_SECONDS, limit, lockSeconds };
}

function pair(network: string, email: string, share: number): Counter {
  const limit = policy().limit * share;
  const lockSeconds = (failures: number) => growing(failures, limit, 60);
  return { key: hash(network, email), kind: "pair", keptSeconds: WINDOW_SECONDS, limit, lockSeconds };
}

/**
 * The count of a network over all accounts, in windows of 15 minutes: limits attacks that try one password on many
 * accounts.
 */
function whole(network: string, share: number, now: Date): Counter {
  const limit = Config.section("auth").LOGIN_FAILURES_PER_ADDRESS * share;
  const seconds = now.getTime() / 1000;
  const window = Math.floor(seconds / WINDOW_SECONDS);
  const left = Math.ceil((window + 1) * WINDOW_SECONDS - seconds);
  const lockSeconds = (failures: number) => (failures < limit ? 0 : left);
  return {
    key: hash("address", network, String(window)),
    kind: "address",
    keptSeconds: WINDOW_SECONDS,
    limit,
    lockSeconds,
  };
}

function account(name: "account" | "known", email: string, total: number): Counter {
  const limit = Math.min(ACCOUNT_FREE_FAILURES, total);
  const lockSeconds = (failures: number) => (failures >= total ? FOR_GOOD : growing(failures, limit, 1));
  return { key: hash(name, email), kind: "account", keptSeconds: ACCOUNT_SECONDS, limit, lockSeconds };
}

export * as LockoutRules from "./lockout-rules.ts";
