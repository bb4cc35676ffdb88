import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { createdAt, timestamptz } from "../../platform/db/columns.ts";
import { contributions } from "../contribution/contribution.sql.ts";
import type { Link, Root } from "./schema.ts";

/** Every public key that has signed a proof, since a proof must be verifiable years after its key was replaced. */
export const proofKeys = pgTable(
  "proof_keys",
  {
    id: text("id").primaryKey(),
    /** The raw Ed25519 key in Base64url. */
    publicKey: text("public_key").notNull(),
    ...createdAt,
  },
  () => [check("proof_keys_id_rule", sql`id ~ '^[0-9a-f]{16}$'`)],
);

/** The signed roots, in order: each root contains the hash of the previous root. */
export const proofRoots = pgTable(
  "proof_roots",
  {
    number: integer("number").primaryKey(),
    keyId: text("key_id")
      .notNull()
      .references(() => proofKeys.id),
    document: jsonb("document").$type<Root>().notNull(),
    ...createdAt,
    /** When the root was stored in the bucket. */
    storedAt: timestamptz("stored_at"),
  },
  (t) => [
    index("proof_roots_key_id_idx").on(t.keyId),
    index("proof_roots_unstored_idx")
      .on(t.number)
      .where(sql`stored_at is null`),
    check("proof_roots_number_rule", sql`number > 0`),
  ],
);

/**
 * The links of a decided contribution as they were when its root was signed. They contain no text that a member wrote.
 */
export const proofSeals = pgTable(
  "proof_seals",
  {
    contributionId: uuid("contribution_id")
      .primaryKey()
      .references(() => contributions.id),
    rootNumber: integer("root_number")
      .notNull()
      .references(() => proofRoots.number),
    position: integer("position").notNull(),
    /** The hash of the last link. */
    head: text("head").notNull(),
    links: jsonb("links").$type<Link[]>().notNull(),
  },
  (t) => [
    unique("proof_seals_position_key").on(t.rootNumber, t.position),
    check("proof_seals_head_rule", sql`head ~ '^[0-9a-f]{64}$'`),
  ],
);

/**
 * The salts that open the commitments of links. A salt is deleted together with the texts of a deleted member: the
 * remaining hashes cannot be compared with guessed values.
 */
export const proofSalts = pgTable("proof_salts", {
  /** The id of a contribution, a piece of evidence, a witness or a vote. */
  subjectId: uuid("subject_id").primaryKey(),
  salt: text("salt").notNull(),
});
