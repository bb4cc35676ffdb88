import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import {
  bytes,
  enumColumn,
  hiding,
  hidingRule,
  id,
  oneOf,
  timestamps,
  timestamptz,
} from "../../platform/db/columns.ts";
import { users } from "../user/user.sql.ts";
import { AVATAR_BYTES, AVATAR_TYPES, PICTURE_MAX_BYTES } from "./rules.ts";

/**
 * Statuses of a profile picture: requested by the member, in examination, shown (or hidden by an admin), refused by the
 * examiner, or removed by the member or by a newer picture.
 */
export const AVATAR_STATUSES = ["requested", "examining", "accepted", "refused", "removed"] as const;

/** One row for each upload of a profile picture. Only the accepted row of a member has the picture. */
export const avatars = pgTable(
  "avatars",
  {
    ...id,
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    status: enumColumn("status", AVATAR_STATUSES).notNull().default("requested"),
    /** The uploaded original; null once it is erased. */
    objectKey: text("object_key").unique("avatars_object_key_key"),
    objectVersionId: text("object_version_id"),
    contentType: enumColumn("content_type", AVATAR_TYPES).notNull(),
    sizeBytes: integer("size_bytes").notNull(),
    sha256: text("sha256").notNull(),
    /** When the upload URL expires. */
    expiresAt: timestamptz("expires_at").notNull(),
    /** Number of started examinations. */
    examinations: integer("examinations").notNull().default(0),
    refusalCode: text("refusal_code"),
    refusalDetail: text("refusal_detail"),
    /** The name under `/v1/avatars/`: the SHA-256 of the row's id and the picture. */
    name: text("name"),
    /** A WebP of 256×256 pixels without metadata. */
    picture: bytes("picture"),
    ...hiding(() => users.id),
    ...timestamps,
  },
  (t) => [
    index("avatars_user_id_idx").on(t.userId, t.id),
    uniqueIndex("avatars_one_accepted_key")
      .on(t.userId)
      .where(sql`status = 'accepted'`),
    unique("avatars_name_key").on(t.name),
    index("avatars_object_idx")
      .on(t.updatedAt)
      .where(sql`object_key is not null`),
    index("avatars_ended_idx")
      .on(t.updatedAt)
      .where(sql`status in ('refused', 'removed')`),
    index("avatars_hidden_by_idx").on(t.hiddenBy),
    check("avatars_status_rule", oneOf("status", AVATAR_STATUSES)),
    check("avatars_content_type_rule", oneOf("content_type", AVATAR_TYPES)),
    check(
      "avatars_size_bytes_rule",
      sql.raw(`size_bytes between ${AVATAR_BYTES.smallest} and ${AVATAR_BYTES.largest}`),
    ),
    check("avatars_sha256_rule", sql`sha256 ~ '^[0-9a-f]{64}$' and name ~ '^[0-9a-f]{64}$'`),
    check("avatars_picture_rule", sql.raw(`octet_length(picture) <= ${PICTURE_MAX_BYTES}`)),
    check(
      "avatars_accepted_rule",
      sql`(status = 'accepted') = (picture is not null) and (status = 'accepted') = (name is not null)`,
    ),
    check("avatars_refused_rule", sql`(status = 'refused') = (refusal_code is not null)`),
    check("avatars_hiding_rule", hidingRule),
    check("avatars_hidden_rule", sql`hidden_at is null or status = 'accepted'`),
  ],
);

/** The values of a row whose picture is gone: removed, replaced, or of a deleted account. */
export const GONE = {
  status: "removed",
  picture: null,
  name: null,
  refusalCode: null,
  refusalDetail: null,
  hiddenAt: null,
  hiddenReason: null,
  hiddenBy: null,
} as const;
