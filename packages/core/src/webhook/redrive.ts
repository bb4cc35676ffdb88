import { and, asc, count, eq, gte, inArray, isNull, lt, sql } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../platform/actor.ts";
import { Audit } from "../platform/audit/index.ts";
import { Clock } from "../platform/clock.ts";
import { optionalCondition } from "../platform/db/columns.ts";
import { Db } from "../platform/db/index.ts";
import { AppError } from "../platform/error.ts";
import { Input } from "../platform/input.ts";
import { EVENT_TYPES, webhookAttempts, webhookEvents, webhookFailures } from "../outbox/event.sql.ts";
import { Event } from "../outbox/index.ts";
import { failureColumns, toFailureInfo } from "./event-log.ts";
import type { FailureInfo, RedriveResult } from "./schema.ts";

/** Maximum number of failures that one call redrives. This many fit into the time limit of a transaction. */
const BATCH = 200;

export const FailureId = v.strictObject({ failure_id: Input.uuid });
/** Selects failures that were not redriven yet; every field narrows the selection. */
export const Filter = v.strictObject({
  event_type: v.optional(Input.oneOf(EVENT_TYPES)),
  /** The HTTP status of Markov's response. */
  status: v.optional(
    v.pipe(
      v.number("must be a number"),
      v.integer("must be a whole number"),
      v.minValue(100, "must be at least 100"),
      v.maxValue(599, "must be at most 599"),
    ),
  ),
  /** Selects failures that became dead at or after `failed_from` and before `failed_before`. */
  failed_from: v.optional(Input.timestamp),
  failed_before: v.optional(Input.timestamp),
});

/**
 * Failures that wait for a redrive, oldest first, up to `limit`. Includes messages without an event, which can only be inspected.
 */
export async function waiting(input: v.InferOutput<typeof Filter>, limit: number): Promise<FailureInfo[]> {
  Actor.operator();
  const rows = await Db.use()
    .select(failureColumns)
    .from(webhookFailures)
    .leftJoin(webhookEvents, eq(webhookEvents.id, webhookFailures.eventId))
    .where(matching(input))
    .orderBy(oldestFirst)
    .limit(limit);
  return rows.map(toFailureInfo);
}

/** Waiting failures whose events can be sent again, oldest first, up to `limit`. @returns their ids */
export async function redrivable(input: v.InferOutput<typeof Filter>, limit: number): Promise<string[]> {
  Actor.operator();
  const rows = await Db.use()
    .select({ id: webhookFailures.id })
    .from(webhookFailures)
    .innerJoin(webhookEvents, eq(webhookEvents.id, webhookFailures.eventId))
    .where(matching(input))
    .orderBy(oldestFirst)
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** The number of all {@link redrivable} failures. Reads every waiting failure, so it is for a command and not for a request. */
export async function countRedrivable(input: v.InferOutput<typeof Filter>): Promise<number> {
  Actor.operator();
  const [row] = await Db.use()
    .select({ n: count() })
    .from(webhookFailures)
    .innerJoin(webhookEvents, eq(webhookEvents.id, webhookFailures.eventId))
    .where(matching(input));
  return row?.n ?? 0;
}

/** One failure with all attempts of its event, oldest first. @throws AppError NOT_FOUND */
export async function show(failureId: string) {
  Actor.operator();
  const [found] = await Db.use()
    .select(failureColumns)
    .from(webhookFailures)
    .leftJoin(webhookEvents, eq(webhookEvents.id, webhookFailures.eventId))
    .where(eq(webhookFailures.id, failureId));
  if (!found) throw new AppError("NOT_FOUND");
  const attempts = await Db.use()
    .select()
    .from(webhookAttempts)
    .where(eq(webhookAttempts.eventId, found.failure.eventId ?? ""))
    .orderBy(asc(webhookAttempts.attemptedAt));
  return { ...toFailureInfo(found), attempts };
}

const matching = (input: v.InferOutput<typeof Filter>) =>
  and(
    isNull(webhookFailures.redrivenAt),
    optionalCondition(input.event_type, (event_type) => eq(webhookEvents.eventType, event_type)),
    optionalCondition(input.status, (status) => eq(webhookFailures.status, status)),
    optionalCondition(input.failed_from, (from) => gte(webhookFailures.failedAt, new Date(from))),
    optionalCondition(input.failed_before, (before) => lt(webhookFailures.failedAt, new Date(before))),
  );
/** The order of the index webhook_failures_waiting_idx, read backwards. */
const oldestFirst = sql`${webhookFailures.id} asc nulls first`;

/**
 * Sends a dead event again, with its stored body and id. Idempotent: a failure is redriven once; if the event becomes dead again, that is a
 * new failure. Operators only; audited.
 * @throws AppError NOT_FOUND
 */
export async function redrive(failureId: string): Promise<FailureInfo> {
  const operator = Actor.operator();
  return Event.act(async () => {
    const find = () =>
      Db.use()
        .select(failureColumns)
        .from(webhookFailures)
        .innerJoin(webhookEvents, eq(webhookEvents.id, webhookFailures.eventId))
        .where(eq(webhookFailures.id, failureId));
    const [found] = await find().for("update", { of: webhookFailures });
    if (!found) throw new AppError("NOT_FOUND");
    if (found.failure.redrivenAt) return toFailureInfo(found);
    await sendAgain([found.failure], operator);
    const [sent] = await find();
    return toFailureInfo(sent ?? found);
  });
}

/**
 * Redrives the failures that match the filter, oldest first, up to {@link BATCH}. Operators only; one audit entry for each failure.
 * @returns the number of redriven failures, and whether more remain
 */
export async function redriveAll(input: v.InferOutput<typeof Filter>): Promise<RedriveResult> {
  const operator = Actor.operator();
  return Event.act(async () => {
    const rows = await Db.use()
      .select(failureColumns)
      .from(webhookFailures)
      .innerJoin(webhookEvents, eq(webhookEvents.id, webhookFailures.eventId))
      .where(matching(input))
      .orderBy(oldestFirst)
      .limit(BATCH + 1)
      .for("update", { of: webhookFailures, skipLocked: true });
    const batch = rows.slice(0, BATCH).map((row) => row.failure);
    await sendAgain(batch, operator);
    return { redriven: batch.length, more: rows.length > BATCH };
  });
}

/**
 * Marks dead events as pending and unpublished, which is all that publishing needs. After a crash the sweep publishes them.
 */
async function sendAgain(
  failures: readonly (typeof webhookFailures.$inferSelect)[],
  operator: string | null,
): Promise<void> {
  if (failures.length === 0) return;
  const db = Db.use();
  const failureIds = failures.map((failure) => failure.id);
  await db
    .update(webhookFailures)
    .set({ redrivenAt: Clock.now(), redrivenBy: operator })
    .where(inArray(webhookFailures.id, failureIds));
  const events = await db
    .update(webhookEvents)
    .set({ status: "pending", publishedAt: null, redrives: sql`${webhookEvents.redrives} + 1` })
    .where(
      and(
        inArray(
          webhookEvents.id,
          failures.flatMap((failure) => failure.eventId ?? []),
        ),
        eq(webhookEvents.status, "dead"),
      ),
    )
    .returning({ subject: webhookEvents.subject });
  for (const failure of failures)
    await Audit.record("webhook.redrive", "webhook_failure", failure.id, { event_id: failure.eventId });
  for (const subject of new Set(events.map((event) => event.subject)))
    Event.afterAct(async () => {
      await Event.publish(subject);
    });
}

export * as Redrive from "./redrive.ts";
