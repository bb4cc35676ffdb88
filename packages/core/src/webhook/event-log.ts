import { and, eq, getTableColumns, isNotNull, isNull, lt, sql } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../platform/actor.ts";
import { newestFirst, optionalCondition } from "../platform/db/columns.ts";
import { Db } from "../platform/db/index.ts";
import { Input } from "../platform/input.ts";
import { Page } from "../platform/page.ts";
import { EVENT_STATUSES, webhookEvents, webhookFailures } from "../outbox/event.sql.ts";
import type { EventInfo, FailureInfo } from "./schema.ts";

const position = v.pipe(Input.timestamp, v.regex(/\.\d{6}Z$/));
const eventPaging = Page.paging(
  "webhook_events",
  v.tuple([position, v.pipe(v.string(), v.regex(/^evt_[0-9a-f]{16}$/))]),
);
const failurePaging = Page.paging("webhook_failures", v.tuple([Input.uuid]));

export const EventsQuery = v.strictObject({
  ...eventPaging.query,
  status: v.optional(Input.oneOf(EVENT_STATUSES)),
});
export const FailuresQuery = v.strictObject({
  ...failurePaging.query,
  /** With `"false"`, only failures that still wait for an operator. */
  redriven: v.optional(Input.oneOf(["true", "false"])),
});

const { body: _body, ...withoutBody } = getTableColumns(webhookEvents);
/** A cursor needs microseconds, as PostgreSQL stores them; JavaScript dates only have milliseconds. */
const eventColumns = {
  ...withoutBody,
  position: sql<string>`to_char(${webhookEvents.createdAt} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
};
const { body: _failureBody, ...failureWithoutBody } = getTableColumns(webhookFailures);
export const failureColumns = {
  failure: getTableColumns(webhookFailures),
  event: { id: webhookEvents.id, eventType: webhookEvents.eventType, subject: webhookEvents.subject },
};

/** The events of the outbox, newest first. Admins only. */
export async function events(input: v.InferOutput<typeof EventsQuery>): Promise<Page.Page<EventInfo>> {
  Actor.memberWith("admin");
  const rows = await Db.use()
    .select(eventColumns)
    .from(webhookEvents)
    .where(
      and(
        optionalCondition(input.status, (status) => eq(webhookEvents.status, status)),
        optionalCondition(
          input.cursor,
          ([at, id]) => sql`(${webhookEvents.createdAt}, ${webhookEvents.id}) < (${at}::timestamptz, ${id})`,
        ),
      ),
    )
    .orderBy(newestFirst(webhookEvents.createdAt), newestFirst(webhookEvents.id))
    .limit(input.limit + 1);
  return eventPaging.page(
    rows,
    input.limit,
    (row) => [row.position, row.id],
    (row) => ({
      id: row.id,
      event_type: row.eventType,
      subject: row.subject,
      sequence: row.sequence,
      actor_id: row.actorId,
      request_id: row.requestId,
      status: row.status,
      attempts: row.attempts,
      redrives: row.redrives,
      created_at: row.createdAt.toISOString(),
      published_at: row.publishedAt?.toISOString() ?? null,
      delivered_at: row.deliveredAt?.toISOString() ?? null,
    }),
  );
}

/** The dead letters, newest first. Operators only. */
export async function failures(input: v.InferOutput<typeof FailuresQuery>): Promise<Page.Page<FailureInfo>> {
  Actor.operator();
  const rows = await Db.use()
    .select({ ...failureColumns, failure: failureWithoutBody })
    .from(webhookFailures)
    .leftJoin(webhookEvents, eq(webhookEvents.id, webhookFailures.eventId))
    .where(
      and(
        input.redriven === "false" ? isNull(webhookFailures.redrivenAt) : undefined,
        input.redriven === "true" ? isNotNull(webhookFailures.redrivenAt) : undefined,
        optionalCondition(input.cursor, ([last]) => lt(webhookFailures.id, last)),
      ),
    )
    .orderBy(newestFirst(webhookFailures.id))
    .limit(input.limit + 1);
  return failurePaging.page(rows, input.limit, (row) => [row.failure.id], toFailureInfo);
}

export function toFailureInfo({
  failure,
  event,
}: {
  readonly failure: Omit<typeof webhookFailures.$inferSelect, "body">;
  readonly event: Pick<typeof webhookEvents.$inferSelect, "eventType" | "subject"> | null;
}): FailureInfo {
  return {
    id: failure.id,
    event_id: failure.eventId,
    event_type: event?.eventType ?? null,
    subject: event?.subject ?? null,
    queue: failure.queue,
    reason: failure.reason,
    status: failure.status,
    response_head: failure.responseHead,
    failed_at: failure.failedAt.toISOString(),
    redriven_at: failure.redrivenAt?.toISOString() ?? null,
    redriven_by: failure.redrivenBy,
  };
}

export * as EventLog from "./event-log.ts";
