import { sql } from "drizzle-orm";
import { bigint, check, index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, id, moment } from "../../platform/db/columns.ts";
import { users } from "../user/user.sql.ts";

/** A member's authenticator app (RFC 6238). It counts from the moment at which its first code was given back. */
export const totpSecrets = pgTable(
  "totp_secrets",
  {
    userId: uuid("user_id")
      .primaryKey()
      .references(() => users.id),
    /** Encrypted under a key of the configuration: see seal.ts beside this file. */
    secret: text("secret").notNull(),
    ...createdAt,
    confirmedAt: moment("confirmed_at"),
    /** The 30 s step of the last code that was taken: none is taken twice, and none that is older. */
    lastStep: bigint("last_step", { mode: "number" }),
  },
  () => [check("totp_secrets_step_rule", sql`(last_step is null) = (confirmed_at is null)`)],
);

/** Codes for a member who has lost the app: shown once, good once, only their SHA-256 is kept. */
export const recoveryCodes = pgTable(
  "recovery_codes",
  {
    ...id,
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    codeHash: text("code_hash").notNull().unique("recovery_codes_code_hash_key"),
    ...createdAt,
    usedAt: moment("used_at"),
  },
  (t) => [
    index("recovery_codes_user_id_idx").on(t.userId),
    check("recovery_codes_code_hash_rule", sql`code_hash ~ '^[0-9a-f]{64}$'`),
  ],
);
