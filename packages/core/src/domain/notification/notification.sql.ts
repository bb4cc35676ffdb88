import { sql } from "drizzle-orm";
import { boolean, check, index, jsonb, pgTable, smallint, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, enumColumn, id, lengthRule, oneOf, timestamptz } from "../../platform/db/columns.ts";
import { sessions } from "../session/session.sql.ts";
import { users } from "../user/user.sql.ts";
import { ENDPOINT_MAX_CHARACTERS } from "../../platform/bounds.ts";
import { type Choices, KINDS } from "./kinds.ts";

/** Upper limit of a time zone's name: the longest name in the IANA database has 32 characters. */
export const ZONE_MAX_CHARACTERS = 64;
/** Outcomes that a notification can state: of a vote, a contribution, a witness's answer, a report. */
export const OUTCOMES = [
  "approved",
  "rejected",
  "verified",
  "confirmed",
  "declined",
  "hidden",
  "warned",
  "dismissed",
] as const;

/** Notifications for members, written in the transaction of the act. */
export const notifications = pgTable(
  "notifications",
  {
    ...id,
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    kind: enumColumn("kind", KINDS).notNull(),
    /** The member who acted; null for the platform, and for acts whose actor the recipient must not learn. */
    actorId: uuid("actor_id"),
    // No foreign keys to the content: four indexes and checks would double the cost of a row that is removed after 180
    // days.
    taskId: uuid("task_id"),
    contributionId: uuid("contribution_id"),
    commentId: uuid("comment_id"),
    evidenceId: uuid("evidence_id"),
    outcome: enumColumn("outcome", OUTCOMES),
    /** Whether the app's list shows the notification. */
    inFeed: boolean("in_feed").notNull(),
    readAt: timestamptz("read_at"),
    /** Whether a digest must contain the notification; false once it was sent. */
    forMail: boolean("for_mail").notNull(),
    /** Whether the notification is for mail and no sweep has arranged a digest for it yet. */
    isNew: boolean("is_new").notNull(),
    /** When to push the notification; null if there is no push, or it was sent. */
    pushDueAt: timestamptz("push_due_at"),
    ...createdAt,
  },
  (t) => [
    index("notifications_feed_idx")
      .on(t.userId, t.id.desc())
      .where(sql`in_feed`),
    index("notifications_unread_idx")
      .on(t.userId, t.id.desc())
      .where(sql`in_feed and read_at is null`),
    index("notifications_mail_idx")
      .on(t.userId, t.id)
      .where(sql`for_mail and read_at is null`),
    index("notifications_push_idx")
      .on(t.pushDueAt)
      .where(sql`push_due_at is not null`),
    index("notifications_new_idx")
      .on(t.id)
      .where(sql`is_new`),
    index("notifications_user_id_idx").on(t.userId, t.id),
    index("notifications_created_at_idx").on(t.createdAt),
    check("notifications_kind_rule", oneOf("kind", KINDS)),
    check("notifications_outcome_rule", oneOf("outcome", OUTCOMES)),
    check("notifications_not_self_rule", sql`user_id <> actor_id`),
  ],
);

/** Members with unread notifications for mail, and the time of the next check. */
export const digests = pgTable(
  "digests",
  {
    userId: uuid("user_id")
      .primaryKey()
      .references(() => users.id),
    dueAt: timestamptz("due_at").notNull(),
  },
  (t) => [index("digests_due_at_idx").on(t.dueAt)],
);

/** Devices that get pushes. */
export const pushSubscriptions = pgTable(
  "push_subscriptions",
  {
    ...id,
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    /** The session in which the subscription was created: it gets no pushes once that session is revoked. */
    sessionId: uuid("session_id")
      .notNull()
      .references(() => sessions.id, { onDelete: "cascade" }),
    endpoint: text("endpoint").notNull(),
    /** SHA-256 hex. */
    endpointHash: text("endpoint_hash").notNull(),
    /** The public key and the secret of the device (RFC 8291), as Base64url. */
    p256dh: text("p256dh").notNull(),
    auth: text("auth").notNull(),
    ...createdAt,
  },
  (t) => [
    uniqueIndex("push_subscriptions_endpoint_key").on(t.endpointHash),
    index("push_subscriptions_user_id_idx").on(t.userId, t.createdAt.desc(), t.id.desc()),
    index("push_subscriptions_session_id_idx").on(t.sessionId),
    check("push_subscriptions_endpoint_rule", lengthRule("endpoint", 1, ENDPOINT_MAX_CHARACTERS)),
    check("push_subscriptions_hash_rule", sql`endpoint_hash ~ '^[0-9a-f]{64}$'`),
  ],
);

/** Notification settings of members; a member without a row has the defaults. */
export const notificationSettings = pgTable(
  "notification_settings",
  {
    userId: uuid("user_id")
      .primaryKey()
      .references(() => users.id),
    /** A name of the IANA database, such as `Asia/Jakarta`. */
    timeZone: text("time_zone").notNull(),
    /** Minutes after midnight in the member's zone; both null for no quiet hours. */
    quietFrom: smallint("quiet_from"),
    quietUntil: smallint("quiet_until"),
    choices: jsonb("choices").$type<Choices>().notNull().default({}),
  },
  () => [
    check("notification_settings_zone_rule", lengthRule("time_zone", 1, ZONE_MAX_CHARACTERS)),
    check(
      "notification_settings_quiet_rule",
      sql`num_nulls(quiet_from, quiet_until) in (0, 2) and quiet_from between 0 and 1439 and quiet_until between 0 and 1439 and quiet_from <> quiet_until`,
    ),
  ],
);
