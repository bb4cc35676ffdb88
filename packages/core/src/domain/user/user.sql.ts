import { sql } from "drizzle-orm";
import { check, index, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { ROLES } from "../../platform/actor.ts";
import { EMAIL_MAX_CHARACTERS } from "../../platform/bounds.ts";
import { enumColumn, id, lengthRule, timestamps, timestamptz } from "../../platform/db/columns.ts";
import { skills } from "../skill/skill.sql.ts";

export const MAX_CHARACTERS = { username: 50, bio: 1000 } as const;

export const users = pgTable(
  "users",
  {
    ...id,
    username: text("username").notNull(),
    email: text("email").notNull(),
    /** When the e-mail address was verified; null until then. */
    emailVerifiedAt: timestamptz("email_verified_at"),
    /** Argon2id as a PHC string; null once the account is deleted. */
    passwordHash: text("password_hash"),
    roles: enumColumn("roles", ROLES).array().notNull().default(["contributor"]),
    bio: text("bio"),
    ...timestamps,
    deletedAt: timestamptz("deleted_at"),
  },
  (t) => [
    uniqueIndex("users_username_key").on(sql`lower(${t.username})`),
    uniqueIndex("users_email_key").on(sql`lower(${t.email})`),
    index("users_admins_idx")
      .on(t.id)
      .where(sql`'admin' = any(roles)`),
    check("users_username_rule", sql`username ~ '^[a-z0-9_-]{3,50}$'`),
    check("users_email_rule", lengthRule("email", 3, EMAIL_MAX_CHARACTERS)),
    check("users_bio_rule", lengthRule("bio", 0, MAX_CHARACTERS.bio)),
    check("users_roles_rule", sql`roles <@ array['contributor', 'verifier', 'admin'] and 'contributor' = any(roles)`),
    check("users_password_rule", sql`(password_hash is null) = (deleted_at is not null)`),
  ],
);

/** Former usernames that are still reserved. */
export const formerUsernames = pgTable(
  "former_usernames",
  {
    /** HMAC-SHA-256 hex: the name of a deleted member must not be readable here. */
    nameHash: text("name_hash").primaryKey(),
    /** The member who may take it back; null when their account is deleted. */
    ownerId: uuid("owner_id").references(() => users.id),
    freeAt: timestamptz("free_at").notNull(),
  },
  (t) => [
    index("former_usernames_owner_id_idx").on(t.ownerId, t.freeAt),
    index("former_usernames_free_at_idx").on(t.freeAt),
    check("former_usernames_hash_rule", sql`name_hash ~ '^[0-9a-f]{64}$'`),
  ],
);

export const userSkills = pgTable(
  "user_skills",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    skillId: uuid("skill_id")
      .notNull()
      .references(() => skills.id),
  },
  (t) => [primaryKey({ columns: [t.userId, t.skillId] }), index("user_skills_skill_id_idx").on(t.skillId)],
);
