import { sql } from "drizzle-orm";
import { check, index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import {
  createdAt,
  enumColumn,
  hiding,
  hidingRule,
  id,
  oneOf,
  textRule,
  timestamptz,
} from "../../platform/db/columns.ts";
import { ERASED_TEXTS } from "../../platform/erased.ts";
import { contributions } from "../contribution/contribution.sql.ts";
import { tasks } from "./task.sql.ts";
import { users } from "../user/user.sql.ts";

export const MAX_CHARACTERS = { text: 2000 } as const;
/** Kinds of comments: an ordinary comment, or the reason for an act on a task. */
export const KINDS = ["comment", "unassign", "cancel", "cannot_come"] as const;
/** The text that replaces a deleted member's comment. */
export const ERASED_COMMENT = ERASED_TEXTS.comment;

/** Comments on a task or a contribution, and the reasons that members state for an act on a task. */
export const comments = pgTable(
  "comments",
  {
    ...id,
    taskId: uuid("task_id").references(() => tasks.id),
    contributionId: uuid("contribution_id").references(() => contributions.id),
    authorId: uuid("author_id")
      .notNull()
      .references(() => users.id),
    kind: enumColumn("kind", KINDS).notNull().default("comment"),
    text: text("text").notNull(),
    ...createdAt,
    editedAt: timestamptz("edited_at"),
    ...hiding(() => users.id),
  },
  (t) => [
    index("comments_task_id_idx").on(t.taskId, t.id),
    index("comments_contribution_id_idx").on(t.contributionId, t.id),
    index("comments_author_id_idx").on(t.authorId, t.id),
    check("comments_target_rule", sql`num_nonnulls(task_id, contribution_id) = 1`),
    check("comments_kind_rule", oneOf("kind", KINDS)),
    check("comments_text_rule", textRule("text", MAX_CHARACTERS.text)),
    check("comments_hidden_rule", hidingRule),
  ],
);
