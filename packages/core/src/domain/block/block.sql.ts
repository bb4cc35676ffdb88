import { sql } from "drizzle-orm";
import { check, index, pgTable, unique, uuid } from "drizzle-orm/pg-core";
import { createdAt, id } from "../../platform/db/columns.ts";
import { users } from "../user/user.sql.ts";

/** Blocks of members: one row for each pair of a blocker and a blocked member. */
export const blocks = pgTable(
  "blocks",
  {
    ...id,
    blockerId: uuid("blocker_id")
      .notNull()
      .references(() => users.id),
    blockedId: uuid("blocked_id")
      .notNull()
      .references(() => users.id),
    ...createdAt,
  },
  (t) => [
    unique("blocks_pair_key").on(t.blockerId, t.blockedId),
    index("blocks_blocker_id_idx").on(t.blockerId, t.id.desc()),
    index("blocks_blocked_id_idx").on(t.blockedId),
    check("blocks_not_self_rule", sql`blocker_id <> blocked_id`),
  ],
);
