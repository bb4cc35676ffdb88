import { sql } from "drizzle-orm";
import { check, doublePrecision, index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { CONTRIBUTION_TYPES } from "../../outbox/index.ts";
import {
  enumColumn,
  hiding,
  hidingRule,
  id,
  lengthRule,
  nameRule,
  metadata,
  metadataRule,
  timestamptz,
  oneOf,
  timestamps,
} from "../../platform/db/columns.ts";
import { SKILLS_MAX } from "../../platform/bounds.ts";
import { tasks } from "../task/task.sql.ts";
import { users } from "../user/user.sql.ts";

export const VERIFICATION_STATUSES = ["pending", "verified", "rejected"] as const;

/** Maximum lengths of a contribution's texts, in characters. */
export const MAX_CHARACTERS = { title: 200, description: 2000 } as const;

export const contributions = pgTable(
  "contributions",
  {
    ...id,
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    /** The task whose completion created this contribution; null if the member recorded it directly. */
    taskId: uuid("task_id").references(() => tasks.id),
    contributionType: enumColumn("contribution_type", CONTRIBUTION_TYPES).notNull(),
    title: text("title").notNull(),
    description: text("description"),
    skillIds: uuid("skill_ids").array().notNull().default([]),
    metadata: metadata("metadata"),
    verificationStatus: enumColumn("verification_status", VERIFICATION_STATUSES).notNull().default("pending"),
    decidedAt: timestamptz("decided_at"),
    /**
     * The score of the evidence that was accepted at the decision; null while pending, and unchanged after the
     * decision.
     */
    qualityScore: doublePrecision("quality_score"),
    reputationMultiplier: doublePrecision("reputation_multiplier"),
    /** When the contribution's links became part of a signed tree (`proof/sealing.ts`). */
    sealedAt: timestamptz("sealed_at"),
    ...timestamps,
    ...hiding(() => users.id),
  },
  (t) => [
    uniqueIndex("contributions_task_id_key").on(t.taskId, t.userId),
    index("contributions_newest_idx").on(t.id.desc()),
    index("contributions_user_id_idx").on(t.userId, t.id.desc()),
    index("contributions_verification_status_idx").on(t.verificationStatus, t.id.desc()),
    index("contributions_type_idx").on(t.contributionType, t.id.desc()),
    index("contributions_skill_ids_idx").using("gin", t.skillIds),
    index("contributions_changes_idx").on(t.updatedAt, t.id),
    /** Index of pending contributions, oldest first: the order in which verifiers work. */
    index("contributions_pending_idx")
      .on(t.id)
      .where(sql`verification_status = 'pending' and hidden_at is null`),
    /** Index of decided contributions that no signed tree contains yet, oldest first. */
    index("contributions_unsealed_idx")
      .on(t.decidedAt)
      .where(sql`decided_at is not null and sealed_at is null`),
    check("contributions_type_rule", oneOf("contribution_type", CONTRIBUTION_TYPES)),
    check("contributions_title_rule", nameRule("title", MAX_CHARACTERS.title)),
    check("contributions_description_rule", lengthRule("description", 0, MAX_CHARACTERS.description)),
    check("contributions_skill_ids_rule", sql`cardinality(skill_ids) <= ${sql.raw(String(SKILLS_MAX))}`),
    check("contributions_metadata_rule", metadataRule("metadata")),
    check("contributions_status_rule", oneOf("verification_status", VERIFICATION_STATUSES)),
    check("contributions_hidden_rule", hidingRule),
    check("contributions_decided_rule", sql`(verification_status = 'pending') = (decided_at is null)`),
    check(
      "contributions_score_rule",
      sql`case verification_status when 'pending' then quality_score is null and reputation_multiplier is null else quality_score is not null and quality_score between 0 and 1 and reputation_multiplier is not null and reputation_multiplier in (1, 1.2, 1.5) end`,
    ),
  ],
);
