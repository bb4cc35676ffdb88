import { sql } from "drizzle-orm";
import { check, index, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { choice, hiding, hidingRule, id, metadataRule, moment, oneOf, timestamps } from "../db/columns.ts";
import { tasks } from "../task/task.sql.ts";
import { users } from "../user/user.sql.ts";

export const CONTRIBUTION_TYPES = [
  "task_completion",
  "code_review",
  "documentation",
  "mentoring",
  "event_organization",
  "community_service",
  "custom",
] as const;
export const VERIFICATION_STATUSES = ["pending", "verified", "rejected"] as const;

export const contributions = pgTable(
  "contributions",
  {
    ...id,
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    /** The task whose completion made this contribution; null for one made directly. */
    taskId: uuid("task_id").references(() => tasks.id),
    contributionType: choice("contribution_type", CONTRIBUTION_TYPES).notNull(),
    title: text("title").notNull(),
    description: text("description"),
    skillIds: uuid("skill_ids").array().notNull().default([]),
    metadata: jsonb("metadata").$type<Record<string, unknown>>().notNull().default({}),
    verificationStatus: choice("verification_status", VERIFICATION_STATUSES).notNull().default("pending"),
    decidedAt: moment("decided_at"),
    ...timestamps,
    ...hiding(() => users.id),
  },
  (t) => [
    uniqueIndex("contributions_task_id_key").on(t.taskId),
    index("contributions_newest_idx").on(t.id.desc()),
    index("contributions_user_id_idx").on(t.userId, t.id.desc()),
    index("contributions_verification_status_idx").on(t.verificationStatus, t.id.desc()),
    check("contributions_type_rule", oneOf("contribution_type", CONTRIBUTION_TYPES)),
    check("contributions_title_rule", sql`length(title) between 1 and 200`),
    check("contributions_description_rule", sql`length(description) <= 2000`),
    check("contributions_skill_ids_rule", sql`cardinality(skill_ids) <= 10`),
    check("contributions_metadata_rule", metadataRule("metadata")),
    check("contributions_status_rule", oneOf("verification_status", VERIFICATION_STATUSES)),
    check("contributions_hidden_rule", hidingRule),
    check("contributions_decided_rule", sql`(verification_status = 'pending') = (decided_at is null)`),
  ],
);
