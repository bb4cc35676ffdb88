import { sql } from "drizzle-orm";
import { check, index, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { enumColumn, id, lengthRule, oneOf, timestamptz } from "../db/columns.ts";

export const KINDS = ["release", "rollback"] as const;
export const OUTCOMES = ["released", "rolled_back", "failed", "superseded"] as const;

/**
 * Releases and rollbacks of this stage. The row without `finished_at` is the stage's lock: there is at most one, and its lease identifies the
 * process that works on it.
 */
export const releases = pgTable(
  "releases",
  {
    ...id,
    kind: enumColumn("kind", KINDS).notNull(),
    version: text("version").notNull(),
    commit: text("commit").notNull(),
    operator: text("operator").notNull(),
    step: text("step").notNull(),
    data: jsonb("data").$type<Record<string, unknown>>().notNull().default({}),
    lease: uuid("lease").notNull(),
    leasedUntil: timestamptz("leased_until").notNull(),
    startedAt: timestamptz("started_at").notNull().defaultNow(),
    finishedAt: timestamptz("finished_at"),
    outcome: enumColumn("outcome", OUTCOMES),
  },
  (t) => [
    uniqueIndex("releases_unfinished_key")
      .on(sql`(finished_at is null)`)
      .where(sql`finished_at is null`),
    index("releases_newest_idx").on(t.id.desc()),
    check("releases_kind_rule", oneOf("kind", KINDS)),
    check("releases_outcome_rule", oneOf("outcome", OUTCOMES)),
    check("releases_finished_rule", sql`(finished_at is null) = (outcome is null)`),
    check("releases_version_rule", lengthRule("version", 1, 100)),
    check("releases_commit_rule", sql`commit ~ '^[0-9a-f]{7,64}$'`),
    check("releases_operator_rule", lengthRule("operator", 1, 200)),
    check("releases_step_rule", lengthRule("step", 1, 20)),
    check("releases_data_rule", sql`jsonb_typeof(data) = 'object' and octet_length(data::text) <= 8192`),
  ],
);
