import { check, index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { enumColumn, timestamptz, oneOf } from "../../../platform/db/columns.ts";
import { users } from "../../user/user.sql.ts";

/** The steps of an erasure, in order. */
export const ERASURE_SECTIONS = [
  "evidence",
  "contributions",
  "tasks",
  "comments",
  "verifications",
  "vouches_given",
  "vouches_received",
  "witnesses",
  "namesakes",
  "uploads",
  "objects",
] as const;

/** Unfinished erasures: a deleted member's data is erased in steps, and the last step removes the row. */
export const erasures = pgTable(
  "erasures",
  {
    userId: uuid("user_id")
      .primaryKey()
      .references(() => users.id),
    /** The deleted username: the erasure also removes it where other members entered it as the name of a witness. */
    username: text("username").notNull(),
    requestedAt: timestamptz("requested_at").notNull(),
    section: enumColumn("section", ERASURE_SECTIONS).notNull().default("evidence"),
    /** Id of the last erased row of the section; null at the beginning of the section. */
    lastId: uuid("last_id"),
    /** When the next step is due. */
    dueAt: timestamptz("due_at").notNull(),
  },
  (t) => [index("erasures_due_at_idx").on(t.dueAt), check("erasures_section_rule", oneOf("section", ERASURE_SECTIONS))],
);
