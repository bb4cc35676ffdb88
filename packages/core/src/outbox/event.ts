import { AsyncLocalStorage } from "node:async_hooks";
import { sql } from "drizzle-orm";
import { Actor } from "../platform/actor.ts";
import { Clock } from "../platform/clock.ts";
import { Db } from "../platform/db/index.ts";
import { AppError } from "../platform/error.ts";
import { Id } from "../platform/id.ts";
import { Log } from "../platform/log.ts";
import { eventSubjects, webhookEvents } from "./event.sql.ts";
import { type Unpublished, publishCommitted } from "./publish.ts";
import type { Payload } from "./payload.ts";
import { ACT_LIMIT_SECONDS, armSweep, isArmed } from "./sweep.ts";

interface Act {
  /** The events of the act by subject, in order. */
  readonly events: Map<string, Unpublished[]>;
  readonly after: (() => Promise<void>)[];
}
const act$ = new AsyncLocalStorage<Act>();

/**
 * Runs `work` as one act: a transaction whose events are delivered if and only if it commits. The sweep that publishes
 * them after a crash is armed before a connection is taken. It is armed again if getting the connection took so long
 * that the transaction could outlive the sweep's delay (a database that resumes, a busy pool).
 * @throws AppError UNAVAILABLE when the sweep cannot be armed; then nothing was done
 */
export async function act<T>(work: () => Promise<T>): Promise<T> {
  if (act$.getStore()) return Db.transaction(work);
  const scope: Act = { events: new Map(), after: [] };
  const options = { timeoutSeconds: ACT_LIMIT_SECONDS, precondition: { isMet: isArmed, establish: arm } };
  const result = await act$.run(scope, () => Db.transaction(work, options));
  // Inside the transaction of a request with an idempotency key, the act has not committed yet.
  await Db.afterCommit(() => afterCommit(scope));
  return result;
}

async function arm(): Promise<void> {
  try {
    await armSweep();
  } catch (cause) {
    throw new AppError("UNAVAILABLE", {
      detail: "The change could not be recorded safely and was not made. Try again.",
      retryAfterSeconds: 5,
      cause,
    });
  }
}

/** The act is committed; the sweep repeats every step that fails from here on. */
async function afterCommit({ events, after }: Act): Promise<void> {
  const steps = [
    ...[...events].map(
      ([subject, of]) =>
        () =>
          publishCommitted(subject, of),
    ),
    ...after,
  ];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      Log.error("a step after the commit failed; the sweep repeats it", error);
    }
  }
}

/** Runs `step` after the current act has committed. A crash may lose it: the sweep must be able to do it as well. */
export function afterAct(step: () => Promise<void>): void {
  const scope = act$.getStore();
  if (!scope) throw new Error("afterAct() outside of act()");
  scope.after.push(step);
}

/** A member as the actor of an event. */
export interface Author {
  readonly id: string;
  readonly username: string;
}

/**
 * Writes an event to the outbox, in the transaction of the current act. Its body never changes afterwards.
 * @param subject the ordering key: events of one subject are delivered in commit order
 * @param actor the member who did what the event reports
 */
export async function emit(subject: string, actor: Author, payload: Payload): Promise<string> {
  const scope = act$.getStore();
  if (!scope || !Db.isInTransaction()) throw new Error("emit() outside of act()");
  const id = Id.event();
  const now = Clock.now();
  const { event_type, subject: about, ...rest } = payload;
  const body = JSON.stringify({
    event_id: id,
    event_type,
    timestamp: now.toISOString(),
    actor: { user_id: actor.id, username: actor.username },
    subject: about,
    ...rest,
  });
  const requestId = Actor.requestId();
  insertEvent ??= prepareInsert();
  const values = { id, eventType: event_type, subject, actorId: actor.id, requestId, body, createdAt: now };
  const [event] = await insertEvent.execute(values);
  if (!event) throw new Error("the insert of an event returned no row");
  const earlier = scope.events.get(subject) ?? [];
  scope.events.set(subject, [...earlier, { id, subject, requestId, createdAt: now, body, ...event }]);
  return id;
}

/** Built once: it runs in every act. */
let insertEvent: ReturnType<typeof prepareInsert> | undefined;

/** One statement for the next sequence of the subject and the event. */
function prepareInsert() {
  const db = Db.use();
  const value = (name: string) => sql.placeholder(name);
  const counter = db.$with("counter").as(
    db
      .insert(eventSubjects)
      .values({ subject: value("subject"), lastSequence: 1 })
      .onConflictDoUpdate({
        target: eventSubjects.subject,
        set: { lastSequence: sql`${eventSubjects.lastSequence} + 1` },
      })
      .returning({ sequence: eventSubjects.lastSequence }),
  );
  return db
    .with(counter)
    .insert(webhookEvents)
    .values({
      id: value("id"),
      eventType: value("eventType"),
      subject: value("subject"),
      sequence: sql`(select last_sequence from ${counter})`,
      actorId: value("actorId"),
      requestId: value("requestId"),
      body: value("body"),
      createdAt: value("createdAt"),
    })
    .returning({ sequence: webhookEvents.sequence, redrives: webhookEvents.redrives })
    .prepare("event");
}

/** The ordering subject of a contribution and its evidence. */
export const contributionSubject = (contributionId: string) => `contribution:${contributionId}`;
/** The ordering subject of all vouches of one member for another. */
export const vouchSubject = (voucherId: string, voucheeId: string) => `vouch:${voucherId}:${voucheeId}`;

export * as Event from "./event.ts";
