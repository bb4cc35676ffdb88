import { check, index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { choice, moment, oneOf } from "../../platform/db/columns.ts";
import { users } from "../user/user.sql.ts";

/** What is erased after a deletion, in this order. */
export const ERASURE_SECTIONS = [
  "evidence",
  "contributions",
  "tasks",
  "verifications",
  "vouches_given",
  "vouches_received",
  "witnesses",
  "namesakes",
  "uploads",
  "objects",
] as const;

/** Erasures that are not done yet: what members who are gone have left behind goes in steps, and this row with the last one. */
export const erasures = pgTable(
  "erasures",
  {
    userId: uuid("user_id")
      .primaryKey()
      .references(() => users.id),
    /** By which others may have named the member. */
    username: text("username").notNull(),
    requestedAt: moment("requested_at").notNull(),
    section: choice("section", ERASURE_SECTIONS).notNull().default("evidence"),
    /** The last row of the section that is done. */
    lastId: uuid("last_id"),
    /** When the next step is due. */
    dueAt: moment("due_at").notNull(),
  },
  (t) => [index("erasures_due_at_idx").on(t.dueAt), check("erasures_section_rule", oneOf("section", ERASURE_SECTIONS))],
);
