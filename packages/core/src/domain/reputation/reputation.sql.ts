import { jsonb, pgTable, uuid } from "drizzle-orm/pg-core";
import { timestamptz } from "../../platform/db/columns.ts";
import { users } from "../user/user.sql.ts";

/** Limits of a response from Markov; a response beyond them counts as a failed read. */
export const MAX_CHARACTERS = { tier: 100, skill_id: 100 } as const;
export const MAX_SKILLS = 10_000;

/** The last reputation of each member that Markov returned, served when Markov is slow or down. */
export const reputationCache = pgTable("reputation_cache", {
  userId: uuid("user_id")
    .primaryKey()
    .references(() => users.id),
  reputation: jsonb("reputation").$type<unknown>().notNull(),
  fetchedAt: timestamptz("fetched_at").notNull(),
});
