import { sql } from "drizzle-orm";
import { check, index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, id } from "../../platform/db/columns.ts";

export const skills = pgTable(
  "skills",
  { ...id, name: text("name").notNull(), category: text("category").notNull(), ...createdAt },
  (t) => [
    uniqueIndex("skills_name_key").on(sql`lower(${t.name})`),
    index("skills_category_idx").on(t.category, sql`lower(${t.name})`),
    check("skills_name_rule", sql`length(name) between 1 and 100`),
    check("skills_category_rule", sql`length(category) between 1 and 100`),
  ],
);
