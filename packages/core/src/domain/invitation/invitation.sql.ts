import { sql } from "drizzle-orm";
import { check, index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, id, lengthRule, timestamptz } from "../../platform/db/columns.ts";
import { EMAIL_MAX_CHARACTERS } from "../../platform/bounds.ts";
import { users } from "../user/user.sql.ts";

/** Statuses of an invitation, which are derived from its columns. */
export const INVITATION_STATUSES = ["open", "accepted", "revoked", "expired"] as const;

/**
 * Invitations. The table stores only the SHA-256 of the token, and the address only until the invitation is accepted,
 * revoked or removed.
 */
export const invitations = pgTable(
  "invitations",
  {
    ...id,
    /**
     * Null once the invitation is accepted or revoked: until then, the address identifies a person who is not a member.
     */
    email: text("email"),
    /** The inviting member; null for an invitation by an operator. */
    invitedBy: uuid("invited_by").references(() => users.id),
    tokenHash: text("token_hash").notNull().unique("invitations_token_hash_key"),
    ...createdAt,
    expiresAt: timestamptz("expires_at").notNull(),
    acceptedAt: timestamptz("accepted_at"),
    acceptedBy: uuid("accepted_by")
      .references(() => users.id)
      .unique("invitations_accepted_by_key"),
    revokedAt: timestamptz("revoked_at"),
  },
  (t) => [
    index("invitations_invited_by_idx").on(t.invitedBy, t.id.desc()),
    index("invitations_email_idx")
      .on(t.email)
      .where(sql`email is not null`),
    index("invitations_newest_idx").on(t.id.desc()),
    index("invitations_unused_idx")
      .on(t.expiresAt)
      .where(sql`accepted_at is null`),
    check("invitations_email_rule", lengthRule("email", 3, EMAIL_MAX_CHARACTERS)),
    check("invitations_open_rule", sql`(email is null) = (accepted_at is not null or revoked_at is not null)`),
    check("invitations_accepted_rule", sql`(accepted_at is null) = (accepted_by is null)`),
    check("invitations_end_rule", sql`accepted_at is null or revoked_at is null`),
  ],
);
