import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, id, lengthRule, timestamptz } from "../../platform/db/columns.ts";
import { users } from "../user/user.sql.ts";

/** Maximum lengths of a session's device and network, in characters. */
export const MAX_CHARACTERS = { device: 100, network: 50 } as const;

/** One row for each login, with a short description by which its member recognises it: see client.ts. */
export const sessions = pgTable(
  "sessions",
  {
    ...id,
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    ...createdAt,
    lastUsedAt: timestamptz("last_used_at").notNull(),
    /** When the session expires; a refresh does not extend it. */
    expiresAt: timestamptz("expires_at").notNull(),
    endedAt: timestamptz("ended_at"),
    /** When a second factor was verified in this session. */
    mfaAt: timestamptz("mfa_at"),
    device: text("device"),
    network: text("network"),
  },
  (t) => [
    index("sessions_open_idx")
      .on(t.userId, t.id.desc())
      .where(sql`ended_at is null`),
    index("sessions_user_id_idx").on(t.userId, t.id.desc()),
    index("sessions_last_used_at_idx").on(t.lastUsedAt),
    check("sessions_device_rule", lengthRule("device", 0, MAX_CHARACTERS.device)),
    check("sessions_network_rule", lengthRule("network", 0, MAX_CHARACTERS.network)),
  ],
);

/** One row for every refresh token ever issued; only its SHA-256 is stored. Tokens of one session share a family. */
export const refreshTokens = pgTable(
  "refresh_tokens",
  {
    ...id,
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    familyId: uuid("family_id")
      .notNull()
      .references(() => sessions.id),
    tokenHash: text("token_hash").notNull().unique("refresh_tokens_token_hash_key"),
    ...createdAt,
    expiresAt: timestamptz("expires_at").notNull(),
    usedAt: timestamptz("used_at"),
    revokedAt: timestamptz("revoked_at"),
  },
  (t) => [
    index("refresh_tokens_family_id_idx").on(t.familyId, t.createdAt),
    index("refresh_tokens_user_id_idx").on(t.userId),
    index("refresh_tokens_expires_at_idx").on(t.expiresAt),
  ],
);

/** One row for every password-reset token; only its SHA-256 is stored. */
export const passwordResets = pgTable(
  "password_resets",
  {
    ...id,
    /** Null if there is no account with the address: then no mail is sent, and the request does the same work. */
    userId: uuid("user_id").references(() => users.id),
    /** Keyed hash of the requested e-mail address: limits requests whether there is an account or not. */
    addressHash: text("address_hash").notNull(),
    tokenHash: text("token_hash").notNull().unique("password_resets_token_hash_key"),
    ...createdAt,
    expiresAt: timestamptz("expires_at").notNull(),
    usedAt: timestamptz("used_at"),
  },
  (t) => [
    index("password_resets_user_id_idx").on(t.userId),
    index("password_resets_address_hash_idx").on(t.addressHash, t.createdAt),
    index("password_resets_expires_at_idx").on(t.expiresAt),
  ],
);

/**
 * Failed logins: by address and account, by address, and by account (lockout-rules.ts). Keys are hashes, so that the
 * table does not reveal which address tried which account.
 */
export const loginFailures = pgTable(
  "login_failures",
  {
    key: text("key").primaryKey(),
    failures: integer("failures").notNull(),
    lockedUntil: timestamptz("locked_until"),
    forgetAt: timestamptz("forget_at").notNull(),
  },
  (t) => [
    index("login_failures_forget_at_idx").on(t.forgetAt),
    check("login_failures_key_rule", sql`key ~ '^[0-9a-f]{64}$'`),
    check("login_failures_failures_rule", sql`failures > 0`),
  ],
);

/**
 * Known addresses of accounts, as a hash of address and account: failures from unknown addresses do not lock an account
 * for its known addresses.
 */
export const loginAddresses = pgTable(
  "login_addresses",
  {
    key: text("key").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    lastUsedAt: timestamptz("last_used_at").notNull(),
  },
  (t) => [
    index("login_addresses_user_id_idx").on(t.userId),
    index("login_addresses_last_used_at_idx").on(t.lastUsedAt),
    check("login_addresses_key_rule", sql`key ~ '^[0-9a-f]{64}$'`),
  ],
);
