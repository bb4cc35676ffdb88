import { index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, id } from "../db/columns.ts";

/**
 * The audit log. Append-only: a trigger rejects UPDATE, DELETE and TRUNCATE. Has no foreign keys, so that entries outlive the rows that
 * they name.
 */
export const auditLog = pgTable(
  "audit_log",
  {
    ...id,
    actorId: uuid("actor_id"),
    action: text("action").notNull(),
    targetType: text("target_type").notNull(),
    targetId: text("target_id").notNull(),
    details: jsonb("details").$type<Record<string, unknown>>().notNull().default({}),
    requestId: text("request_id").notNull(),
    ...createdAt,
  },
  (t) => [
    index("audit_log_newest_idx").on(t.id.desc()),
    index("audit_log_actor_id_idx").on(t.actorId, t.id.desc()),
    index("audit_log_target_idx").on(t.targetType, t.targetId, t.id.desc()),
    index("audit_log_target_id_idx").on(t.targetId, t.id.desc()),
    index("audit_log_action_idx").on(t.action, t.id.desc()),
  ],
);
