import { sql } from "drizzle-orm";
import { boolean, check, index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, id, lengthRule, timestamptz } from "../../platform/db/columns.ts";
import { EMAIL_MAX_CHARACTERS } from "../../platform/bounds.ts";
import { users } from "../user/user.sql.ts";

/** Statuses of an invitation, which are derived from its columns. */
export const INVITATION_STATUSES = ["open", "accepted", "revoked", "expired"] as const;

/** Upper limit of `INVITATION_LINK_USES_MAX`: the members that one link can admit. */
export const LINK_USES_MAX = 1000;

/**
 * Invitations. The table stores only the SHA-256 of the token, and the address only until the invitation is accepted,
 * revoked or removed. A link is a row with `uses_max`; each member who joins with it gets an accepted row of their own,
 * without a token, so that the link can be removed when it has expired.
 */
export const invitations = pgTable(
  "invitations",
  {
    ...id,
    /**
     * Null for a link, and once the invitation is accepted or revoked: the address identifies a person who is not a
     * member, so it is not kept any longer.
     */
    email: text("email"),
    /** The inviting member; null for an invitation by an operator. */
    invitedBy: uuid("invited_by").references(() => users.id),
    /** Null for the row of a member who joined with a link. */
    tokenHash: text("token_hash").unique("invitations_token_hash_key"),
    /** Whether the row is a link, or records a member who joined with a link. */
    byLink: boolean("by_link").notNull().default(false),
    /** Number of members who may join with this link; null for every other invitation. */
    usesMax: integer("uses_max"),
    /** Number of members who have joined with this link. */
    uses: integer("uses").notNull().default(0),
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
    check(
      "invitations_open_rule",
      sql`(email is null) = (by_link or accepted_at is not null or revoked_at is not null)`,
    ),
    check("invitations_token_rule", sql`(token_hash is null) = (by_link and accepted_at is not null)`),
    check("invitations_link_rule", sql`(uses_max is not null) = (by_link and accepted_at is null)`),
    check("invitations_uses_rule", sql`uses between 0 and coalesce(uses_max, 0)`),
    check("invitations_uses_max_rule", sql`uses_max between 1 and ${sql.raw(String(LINK_USES_MAX))}`),
    check("invitations_accepted_rule", sql`(accepted_at is null) = (accepted_by is null)`),
    check("invitations_end_rule", sql`accepted_at is null or revoked_at is null`),
  ],
);
