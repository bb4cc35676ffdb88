import { sql } from "drizzle-orm";
import { check, index, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { ROLES } from "../../platform/actor.ts";
import { EMAIL_MAX_CHARACTERS } from "../../platform/bounds.ts";
import {
  enumColumn,
  id,
  lengthRule,
  nameRule,
  oneOf,
  searchVector,
  timestamps,
  timestamptz,
} from "../../platform/db/columns.ts";
import { LANGUAGES } from "../../platform/language/index.ts";
import { skills } from "../skill/skill.sql.ts";

export const MAX_CHARACTERS = { username: 50, display_name: 80, bio: 1000, location: 100 } as const;
/** Languages in which the platform writes to members: ISO 639-1. */
export { LANGUAGES };

export const users = pgTable(
  "users",
  {
    ...id,
    username: text("username").notNull(),
    email: text("email").notNull(),
    /** When the e-mail address was verified; null until then. */
    emailVerifiedAt: timestamptz("email_verified_at"),
    /**
     * When the member joined with the link of an invitation, which lets them act before they verify their address; null
     * for all others.
     */
    admittedAt: timestamptz("admitted_at"),
    /** Argon2id as a PHC string; null once the account is deleted. */
    passwordHash: text("password_hash"),
    roles: enumColumn("roles", ROLES).array().notNull().default(["contributor"]),
    displayName: text("display_name"),
    bio: text("bio"),
    language: enumColumn("language", LANGUAGES),
    location: text("location"),
    /** The name of the profile picture under `/v1/avatars/`; null without a picture, and while an admin has hidden it. */
    avatar: text("avatar"),
    ...timestamps,
    deletedAt: timestamptz("deleted_at"),
    /** The words of both names, for the search of members. */
    names: searchVector("names", sql`username || ' ' || coalesce(display_name, '')`),
  },
  (t) => [
    uniqueIndex("users_username_key").on(sql`lower(${t.username})`),
    uniqueIndex("users_email_key").on(sql`lower(${t.email})`),
    index("users_admins_idx")
      .on(t.id)
      .where(sql`'admin' = any(roles)`),
    index("users_verifiers_idx")
      .on(sql`md5(id::text)`)
      .where(sql`'verifier' = any(roles) and deleted_at is null`),
    index("users_by_name_idx")
      .on(t.username, t.id)
      .where(sql`deleted_at is null`),
    index("users_names_idx")
      .using("gin", t.names)
      .where(sql`deleted_at is null`),
    check("users_display_name_rule", nameRule("display_name", MAX_CHARACTERS.display_name)),
    check("users_location_rule", nameRule("location", MAX_CHARACTERS.location)),
    check("users_avatar_rule", sql`avatar is null or avatar ~ '^[0-9a-f]{64}$' and deleted_at is null`),
    check("users_language_rule", oneOf("language", LANGUAGES)),
    check("users_username_rule", sql`username ~ '^[a-z0-9_-]{3,50}$'`),
    check("users_deleted_name_rule", sql`deleted_at is not null or username !~ '^deleted'`),
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
    /** The member who may take the name back; null when their account is deleted. */
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
