import { check, index, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { contributions } from "./contribution.sql.ts";
import { createdAt, enumColumn, id, lengthRule, oneOf } from "../../platform/db/columns.ts";
import { users } from "../user/user.sql.ts";

export const OUTCOMES = ["approved", "rejected"] as const;

export const MAX_CHARACTERS = { notes: 2000 } as const;

export const verifications = pgTable(
  "verifications",
  {
    ...id,
    contributionId: uuid("contribution_id")
      .notNull()
      .references(() => contributions.id),
    verifierId: uuid("verifier_id")
      .notNull()
      .references(() => users.id),
    outcome: enumColumn("outcome", OUTCOMES).notNull(),
    notes: text("notes"),
    ...createdAt,
  },
  (t) => [
    unique("verifications_one_vote_key").on(t.contributionId, t.verifierId),
    index("verifications_contribution_id_idx").on(t.contributionId, t.id),
    index("verifications_verifier_id_idx").on(t.verifierId, t.id),
    check("verifications_outcome_rule", oneOf("outcome", OUTCOMES)),
    check("verifications_notes_rule", lengthRule("notes", 0, MAX_CHARACTERS.notes)),
  ],
);
