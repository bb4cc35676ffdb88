import { sql } from "drizzle-orm";
import { check, index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, id, nameRule } from "../../platform/db/columns.ts";

export const MAX_CHARACTERS = { name: 100, category: 100 } as const;

export const skills = pgTable(
  "skills",
  { ...id, name: text("name").notNull(), category: text("category").notNull(), ...createdAt },
  (t) => [
    uniqueIndex("skills_name_key").on(sql`lower(${t.name})`),
    index("skills_category_idx").on(t.category, sql`lower(${t.name})`),
    check("skills_name_rule", nameRule("name", MAX_CHARACTERS.name)),
    check("skills_category_rule", nameRule("category", MAX_CHARACTERS.category)),
  ],
);
