import { and, asc, desc, eq, gte, isNull, sql } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../actor.ts";
import { Audit } from "../audit/index.ts";
import { Clock } from "../clock.ts";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import { Id } from "../id.ts";
import { type Incoming, Queue } from "../queue/index.ts";
import { act, publishAfterAct } from "./index.ts";
import { EVENT_TYPES, webhookAttempts, webhookEvents, webhookFailures } from "./event.sql.ts";
import { DeadLetter, Delivery } from "./message.ts";

/** Which failures are meant. Those that were redriven already never are. */
export const Selection = v.strictObject({
  event_type: v.optional(v.picklist(EVENT_TYPES)),
  /** Failed at this time or later. RFC 3339. */
  since: v.optional(v.pipe(v.string(), v.isoTimestamp())),
});
export type Selection = v.InferOutput<typeof Selection>;

/** The failures of a selection that wait for a redrive, in the order in which their events were made; at most `limit`. */
export async function waiting(selection: Selection, limit: number) {
  return Db.use()
    .select({
      id: webhookFailures.id,
      event_id: webhookFailures.eventId,
      event_type: webhookEvents.eventType,
      subject: webhookEvents.subject,
      sequence: webhookEvents.sequence,
      reason: webhookFailures.reason,
      failed_at: webhookFailures.failedAt,
    })
    .from(webhookFailures)
    .innerJoin(webhookEvents, eq(webhookEvents.id, webhookFailures.eventId))
    .where(
      and(
        isNull(webhookFailures.redrivenAt),
        eq(webhookEvents.status, "dead"),
        selection.event_type === undefined ? undefined : eq(webhookEvents.eventType, selection.event_type),
        selection.since === undefined ? undefined : gte(webhookFailures.failedAt, new Date(selection.since)),
      ),
    )
    .orderBy(asc(webhookEvents.createdAt), asc(webhookEvents.subject), asc(webhookEvents.sequence))
    .limit(limit);
}

/** One failure with every attempt of its event, the newest first. @throws AppError NOT_FOUND */
export async function show(failureId: string) {
  const [failure] = await Db.use().select().from(webhookFailures).where(eq(webhookFailures.id, failureId));
  if (!failure) throw new AppError("NOT_FOUND");
  const attempts =
    failure.eventId === null
      ? []
      : await Db.use()
          .select()
          .from(webhookAttempts)
          .where(eq(webhookAttempts.eventId, failure.eventId))
          .orderBy(desc(webhookAttempts.attemptedAt));
  return { failure, attempts };
}

/**
 * Sends the event of a failure again, exactly as it was stored. Done once: a second call, or one for an event that was delivered
 * meanwhile, changes nothing. Audited.
 * @returns whether it was sent again now
 * @throws AppError NOT_FOUND
 */
export async function redrive(failureId: string): Promise<boolean> {
  return act(async () => {
    const db = Db.use();
    const [failure] = await db.select().from(webhookFailures).where(eq(webhookFailures.id, failureId)).for("update");
    if (failure === undefined) throw new AppError("NOT_FOUND");
    if (failure.redrivenAt !== null || failure.eventId === null) return false;
    const actor = Actor.current();
    await db
      .update(webhookFailures)
      .set({ redrivenAt: Clock.now(), redrivenBy: actor.type === "member" ? actor.userId : null })
      .where(eq(webhookFailures.id, failureId));
    const again = await sendAgain(failure.eventId, "dead");
    if (again)
      await Audit.record("webhook_failure.redrive", "webhook_failure", failureId, { event_id: failure.eventId });
    return again;
  });
}

/** Puts an event back to where it was before it was published. @returns false when its status is another */
export async function sendAgain(eventId: string, status: "dead" | "delivered"): Promise<boolean> {
  const [event] = await Db.use()
    .update(webhookEvents)
    .set({ status: "pending", publishedAt: null, deliveredAt: null, redrives: sql`${webhookEvents.redrives} + 1` })
    .where(and(eq(webhookEvents.id, eventId), eq(webhookEvents.status, status)))
    .returning({ subject: webhookEvents.subject });
  if (event) publishAfterAct(event.subject);
  return event !== undefined;
}

/**
 * Takes what lies in the queues of dead letters into `webhook_failures`, so that operators find all of it in one place.
 * @returns how many letters
 */
export async function collect(limit = 200): Promise<number> {
  let collected = 0;
  for (const queue of ["dead", "dead_deliveries"] as const) {
    while (collected < limit) {
      const letters = await Queue.get().receive(queue, 0);
      if (letters.length === 0) break;
      for (const letter of letters) {
        await Db.transaction(() => keep(queue, letter));
        await Queue.get().remove(queue, letter);
        collected += 1;
      }
    }
  }
  return collected;
}

async function keep(queue: "dead" | "dead_deliveries", letter: Incoming): Promise<void> {
  const db = Db.use();
  const wrapped = v.safeParse(v.pipe(v.string(), v.parseJson(), DeadLetter), letter.body);
  const delivery = v.safeParse(v.pipe(v.string(), v.parseJson(), Delivery), letter.body);
  const failure = {
    id: Id.uuid(),
    letterId: letter.messageId, // one that was kept and not removed is kept once
    reason: wrapped.success ? wrapped.output.reason : "received too often",
    queue: wrapped.success ? wrapped.output.queue : queue,
    body: wrapped.success ? wrapped.output.body : letter.body,
    failedAt: Clock.now(),
  };
  if (delivery.success) {
    const [event] = await db
      .update(webhookEvents)
      .set({ status: "dead" })
      .where(and(eq(webhookEvents.id, delivery.output.event_id), eq(webhookEvents.status, "pending")))
      .returning({ id: webhookEvents.id });
    if (!event) return; // delivered or buried meanwhile
    await db
      .insert(webhookFailures)
      .values({ ...failure, eventId: event.id })
      .onConflictDoNothing();
  } else await db.insert(webhookFailures).values(failure).onConflictDoNothing();
}

export * as DeadLetters from "./dead-letters.ts";
