import { jsonb, pgTable, uuid } from "drizzle-orm/pg-core";
import { timestamptz } from "../../platform/db/columns.ts";
import { users } from "../user/user.sql.ts";

/** The last reputation of each member that Markov returned, served when Markov is slow or down. */
export const reputationCache = pgTable("reputation_cache", {
  userId: uuid("user_id")
    .primaryKey()
    .references(() => users.id),
  reputation: jsonb("reputation").$type<unknown>().notNull(),
  fetchedAt: timestamptz("fetched_at").notNull(),
});
