import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { enumColumn, createdAt, timestamptz, oneOf } from "../platform/db/columns.ts";
import { users } from "../domain/user/user.sql.ts";

export const EVENT_TYPES = ["contribution_created", "vouch_submitted", "por_evidence"] as const;
export const EVENT_STATUSES = ["pending", "delivered", "dead"] as const;

/**
 * The number of the last event of each subject, such as a contribution: events of one subject are delivered in order. A
 * transaction that inserts an event locks this row until it commits, so that the order of the sequence numbers is the
 * order of the commits.
 */
export const eventSubjects = pgTable("event_subjects", {
  subject: text("subject").primaryKey(),
  lastSequence: integer("last_sequence").notNull(),
});

/** For each kind of deferred work, the time at which the next sweep will run (see `timer.ts`). */
export const timers = pgTable("timers", {
  name: text("name").primaryKey(),
  armedFor: timestamptz("armed_for").notNull(),
});

/**
 * The outbox: an event is inserted in the transaction of the change that it reports, and its body is sent byte for byte
 * as stored.
 */
export const webhookEvents = pgTable(
  "webhook_events",
  {
    id: text("id").primaryKey(),
    eventType: enumColumn("event_type", EVENT_TYPES).notNull(),
    subject: text("subject")
      .notNull()
      .references(() => eventSubjects.subject),
    sequence: integer("sequence").notNull(),
    actorId: uuid("actor_id")
      .notNull()
      .references(() => users.id),
    requestId: text("request_id").notNull(),
    body: text("body").notNull(),
    status: enumColumn("status", EVENT_STATUSES).notNull().default("pending"),
    attempts: integer("attempts").notNull().default(0),
    /** How often the event was sent again, by an operator or because its queue was lost. Part of the FIFO deduplication id. */
    redrives: integer("redrives").notNull().default(0),
    ...createdAt,
    publishedAt: timestamptz("published_at"),
    deliveredAt: timestamptz("delivered_at"),
  },
  (t) => [
    unique("webhook_events_sequence_key").on(t.subject, t.sequence),
    index("webhook_events_unpublished_idx")
      .on(t.subject, t.sequence)
      .where(sql`published_at is null`),
    index("webhook_events_pending_idx")
      .on(t.createdAt)
      .where(sql`status = 'pending'`),
    index("webhook_events_status_idx").on(t.status, t.createdAt.desc(), t.id.desc()),
    index("webhook_events_newest_idx").on(t.createdAt.desc(), t.id.desc()),
    index("webhook_events_delivered_at_idx").on(t.deliveredAt),
    index("webhook_events_actor_id_idx").on(t.actorId),
    check("webhook_events_id_rule", sql`id ~ '^evt_[0-9a-f]{16}$'`),
    check("webhook_events_type_rule", oneOf("event_type", EVENT_TYPES)),
    check("webhook_events_status_rule", oneOf("status", EVENT_STATUSES)),
    check("webhook_events_sequence_rule", sql`sequence > 0`),
    check("webhook_events_delivered_rule", sql`(status = 'delivered') = (delivered_at is not null)`),
    check("webhook_events_body_rule", sql`octet_length(body) <= 1048576`),
  ],
);

/** Every delivery attempt. The sender creates the id, so that a duplicate outcome is recorded once. */
export const webhookAttempts = pgTable(
  "webhook_attempts",
  {
    id: uuid("id").primaryKey(),
    eventId: text("event_id")
      .notNull()
      .references(() => webhookEvents.id, { onDelete: "cascade" }),
    attemptedAt: timestamptz("attempted_at").notNull(),
    latencyMs: integer("latency_ms").notNull(),
    /** The HTTP status of the response; null when there was no response, and then `error` contains the reason. */
    status: integer("status"),
    error: text("error"),
    responseHead: text("response_head"),
  },
  (t) => [
    index("webhook_attempts_event_id_idx").on(t.eventId, t.attemptedAt),
    check("webhook_attempts_latency_rule", sql`latency_ms >= 0`),
    check("webhook_attempts_answer_rule", sql`status is not null or error is not null`),
  ],
);

/** Dead events, kept for operators to redrive, and messages that no worker could process, kept for inspection. */
export const webhookFailures = pgTable(
  "webhook_failures",
  {
    id: uuid("id").primaryKey(),
    eventId: text("event_id").references(() => webhookEvents.id),
    /** Only for a message from a dead-letter queue: its original queue if known, its body, and its message id on the dead-letter queue. */
    queue: text("queue"),
    body: text("body"),
    messageId: text("message_id").unique("webhook_failures_message_id_key"),
    reason: text("reason").notNull(),
    status: integer("status"),
    responseHead: text("response_head"),
    failedAt: timestamptz("failed_at").notNull(),
    redrivenAt: timestamptz("redriven_at"),
    redrivenBy: uuid("redriven_by").references(() => users.id),
  },
  (t) => [
    index("webhook_failures_event_id_idx").on(t.eventId),
    index("webhook_failures_newest_idx").on(t.id.desc()),
    index("webhook_failures_failed_at_idx").on(t.failedAt),
    index("webhook_failures_waiting_idx")
      .on(t.id.desc())
      .where(sql`redriven_at is null`),
    index("webhook_failures_redriven_idx")
      .on(t.id.desc())
      .where(sql`redriven_at is not null`),
    check("webhook_failures_about_rule", sql`event_id is not null or (queue is not null and body is not null)`),
  ],
);
