import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, moment } from "../db/columns.ts";

export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    /** Who sent the key: `user:<id>` or `address:<hash>`. Keys of different callers never meet. */
    scope: text("scope").notNull(),
    key: text("key").notNull(),
    /** HMAC-SHA-256 hex over method, path and body: a plain hash of a body with a password could be tried against a list. */
    requestHash: text("request_hash").notNull(),
    /** The answer that replays; its body is encrypted (it may hold tokens). */
    responseStatus: integer("response_status"),
    responseHeaders: jsonb("response_headers").$type<Record<string, string>>(),
    responseBody: text("response_body"),
    /** The member whose account an answer shows to an address that had not signed in yet: it goes with the account. */
    subjectId: uuid("subject_id"),
    ...createdAt,
    expiresAt: moment("expires_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.scope, t.key] }),
    index("idempotency_keys_expires_at_idx").on(t.expiresAt),
    index("idempotency_keys_subject_id_idx")
      .on(t.subjectId)
      .where(sql`subject_id is not null`),
    check("idempotency_keys_key_rule", sql`length(key) between 1 and 255`),
  ],
);
