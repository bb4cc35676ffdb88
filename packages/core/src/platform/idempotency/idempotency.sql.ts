import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, timestamptz } from "../db/columns.ts";

export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    /** The caller that sent the key: `user:<id>` or `address:<hash>`. Keys of different callers are independent. */
    scope: text("scope").notNull(),
    key: text("key").notNull(),
    /**
     * HMAC-SHA-256 hex over method, path and body. Not a plain hash, since a body may contain a password, which could be guessed from the hash.
     */
    requestHash: text("request_hash").notNull(),
    /** The response to replay. Its body is encrypted, since it may contain tokens. */
    responseStatus: integer("response_status"),
    responseHeaders: jsonb("response_headers").$type<Record<string, string>>(),
    responseBody: text("response_body"),
    /** The account in a response to a caller that was not signed in, such as a registration: the record is deleted with the account. */
    subjectId: uuid("subject_id"),
    ...createdAt,
    expiresAt: timestamptz("expires_at").notNull(),
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
