import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text } from "drizzle-orm/pg-core";
import { timestamptz } from "../db/columns.ts";

/**
 * Counts uses within a window of hours or days. Stored in the database, since on Lambda every instance has its own memory. The key is a keyed
 * hash, so the table does not reveal which client address or member it counts.
 */
export const quotas = pgTable(
  "quotas",
  {
    key: text("key").primaryKey(),
    used: integer("used").notNull(),
    expiresAt: timestamptz("expires_at").notNull(),
  },
  (t) => [
    index("quotas_expires_at_idx").on(t.expiresAt),
    check("quotas_key_rule", sql`key ~ '^[0-9a-f]{64}$'`),
    check("quotas_used_rule", sql`used > 0`),
  ],
);
