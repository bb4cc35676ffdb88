import { sql } from "drizzle-orm";
import { bigint, check, index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, id, timestamptz } from "../../platform/db/columns.ts";
import { users } from "../user/user.sql.ts";

/** The number of recovery codes that a member gets, and the maximum length of an entered code, in characters. */
export const RECOVERY_CODES = 10;
export const RECOVERY_CODE_MAX_CHARACTERS = 40;

/** A member's authenticator app (RFC 6238). Active once its first code is confirmed. */
export const totpSecrets = pgTable(
  "totp_secrets",
  {
    userId: uuid("user_id")
      .primaryKey()
      .references(() => users.id),
    /** The secret, encrypted with a key from the configuration: see seal.ts in this folder. */
    secret: text("secret").notNull(),
    ...createdAt,
    confirmedAt: timestamptz("confirmed_at"),
    /** The 30 s step of the last accepted code: codes of this and earlier steps are rejected. */
    lastStep: bigint("last_step", { mode: "number" }),
  },
  () => [check("totp_secrets_step_rule", sql`(last_step is null) = (confirmed_at is null)`)],
);

/** Recovery codes for a member who has lost the app: shown once, usable once, stored as SHA-256 only. */
export const recoveryCodes = pgTable(
  "recovery_codes",
  {
    ...id,
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    codeHash: text("code_hash").notNull().unique("recovery_codes_code_hash_key"),
    ...createdAt,
    usedAt: timestamptz("used_at"),
  },
  (t) => [
    index("recovery_codes_user_id_idx").on(t.userId),
    check("recovery_codes_code_hash_rule", sql`code_hash ~ '^[0-9a-f]{64}$'`),
  ],
);
