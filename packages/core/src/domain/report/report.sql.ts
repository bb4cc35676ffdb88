import { sql } from "drizzle-orm";
import { check, index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, enumColumn, id, lengthRule, oneOf, timestamptz } from "../../platform/db/columns.ts";
import { users } from "../user/user.sql.ts";
import { MAX_CHARACTERS, OUTCOMES, REASONS, REPORT_STATUSES, TARGET_TYPES } from "./kinds.ts";

/** Reports of content or members to the admins. At most one open report for each reporter and target. */
export const reports = pgTable(
  "reports",
  {
    ...id,
    reporterId: uuid("reporter_id")
      .notNull()
      .references(() => users.id),
    targetType: enumColumn("target_type", TARGET_TYPES).notNull(),
    /**
     * Id of the reported content or member. Not a foreign key, since it refers to rows of five tables, and evidence is
     * removed after seven years.
     */
    targetId: uuid("target_id").notNull(),
    /** The member whom the report concerns: the author of the content, or the reported member. */
    targetOwnerId: uuid("target_owner_id")
      .notNull()
      .references(() => users.id),
    reason: enumColumn("reason", REASONS).notNull(),
    details: text("details"),
    status: enumColumn("status", REPORT_STATUSES).notNull().default("open"),
    outcome: enumColumn("outcome", OUTCOMES),
    note: text("note"),
    /** The admin who resolved the report; null if the deletion of the account resolved it. */
    resolvedBy: uuid("resolved_by").references(() => users.id),
    resolvedAt: timestamptz("resolved_at"),
    ...createdAt,
  },
  (t) => [
    uniqueIndex("reports_one_open_key")
      .on(t.reporterId, t.targetType, t.targetId)
      .where(sql`status = 'open'`),
    index("reports_status_idx").on(t.status, t.id),
    index("reports_target_type_idx").on(t.targetType, t.id),
    index("reports_reason_idx").on(t.reason, t.id),
    index("reports_target_id_idx").on(t.targetId, t.id),
    index("reports_reporter_id_idx").on(t.reporterId, t.createdAt),
    index("reports_target_owner_id_idx").on(t.targetOwnerId),
    index("reports_resolved_by_idx").on(t.resolvedBy),
    index("reports_resolved_at_idx").on(t.resolvedAt),
    check("reports_not_self_rule", sql`reporter_id <> target_owner_id`),
    check("reports_target_type_rule", oneOf("target_type", TARGET_TYPES)),
    check("reports_reason_rule", oneOf("reason", REASONS)),
    check("reports_status_rule", oneOf("status", REPORT_STATUSES)),
    check("reports_outcome_rule", oneOf("outcome", OUTCOMES)),
    check("reports_details_rule", lengthRule("details", 0, MAX_CHARACTERS.details)),
    check("reports_note_rule", lengthRule("note", 0, MAX_CHARACTERS.note)),
    check(
      "reports_resolved_rule",
      sql`(status = 'resolved') = (outcome is not null) and (status = 'resolved') = (resolved_at is not null)`,
    ),
    check(
      "reports_resolved_by_rule",
      sql`case when status = 'open' or outcome = 'account_deleted' then resolved_by is null else resolved_by is not null end`,
    ),
  ],
);
