import * as v from "valibot";
import { secret, wholeNumber } from "./values.ts";

const MFA_ROLES = ["admin", "verifier"] as const;
const mfaRoles = v.pipe(
  v.optional(v.string(), "admin"),
  v.transform((value) => (value === "none" ? [] : value.split(",").map((role) => role.trim()))),
  v.array(v.picklist(MFA_ROLES, `must be none, or a list of ${MFA_ROLES.join(", ")}`)),
  v.transform((roles): readonly ((typeof MFA_ROLES)[number] | "contributor")[] => roles),
);

export const auth = v.object({
  JWT_KEY: secret,
  JWT_KEY_PREVIOUS: v.optional(secret),
  /** Number of failed logins from one client address on one account after which that address cannot log in to the account. */
  LOGIN_LIMIT_PER_15_MINUTES: v.optional(wholeNumber(1, 1_000_000), "5"),
  /**
   * Number of failed logins from one client address on all accounts after which that address cannot log in. For IPv6
   * addresses, the limit also exists per network: twice the number for a /56, four times the number for a /48.
   */
  LOGIN_FAILURES_PER_ADDRESS: v.optional(wholeNumber(1, 1_000_000), "50"),
  /**
   * Number of consecutive failed logins on one account after which it is locked until its password is reset. NIST SP
   * 800-63B-4 §3.2.2: at most 100.
   */
  LOGIN_FAILURES_PER_ACCOUNT: v.optional(wholeNumber(10, 100), "100"),
  /**
   * Roles that are effective only in sessions with a second factor, separated by commas, or `none`. `npm run dev` sets `none`.
   */
  MFA_REQUIRED_FOR: mfaRoles,
  /** Maximum age of a session, even if it is refreshed. */
  SESSION_MAX_DAYS: v.optional(wholeNumber(1, 3650), "90"),
  /** Upper limit of open sessions of one member. A further login revokes the session that was unused for the longest time. */
  SESSIONS_PER_MEMBER: v.optional(wholeNumber(1, 1000), "20"),
  /**
   * Upper limit of logins of one member in an hour. Each login stores a session, a token and an entry of the audit log.
   */
  LOGINS_PER_MEMBER_PER_HOUR: v.optional(wholeNumber(1, 1_000_000), "60"),
  /**
   * Upper limit of refreshes of one session in an hour. Each refresh stores a token for 37 days. A client needs four an
   * hour, since an access token lasts 15 minutes, and one for each page load.
   */
  REFRESHES_PER_SESSION_PER_HOUR: v.optional(wholeNumber(1, 10_000), "60"),
  PASSWORD_RESET_MINUTES: v.optional(wholeNumber(1, 1440), "60"),
});

/** The secret from which the key of proofs is derived. If `PROOF_KEY` is not set, `JWT_KEY` is used. */
export const proof = v.pipe(
  v.object({ PROOF_KEY: v.optional(secret), JWT_KEY: v.optional(secret) }),
  v.forward(
    v.check(({ PROOF_KEY, JWT_KEY }) => (PROOF_KEY ?? JWT_KEY) !== undefined, "is not set"),
    ["PROOF_KEY"],
  ),
  v.transform(({ PROOF_KEY, JWT_KEY }) => PROOF_KEY ?? JWT_KEY ?? ""),
);

export const hashing = v.object({
  /** Upper limit of passwords hashed at a time: fewer than the four threads of libuv, which compression, files and DNS share. */
  HASHING_CONCURRENCY: v.optional(wholeNumber(1, 3), "2"),
  /** Upper limits of waiting hashes, in total and per client address (IPv6: per /48). Hashes above a limit are rejected. */
  HASHING_QUEUE_LENGTH: v.optional(wholeNumber(1, 10_000), "100"),
  HASHING_QUEUE_PER_ADDRESS: v.optional(wholeNumber(1, 10_000), "25"),
});
