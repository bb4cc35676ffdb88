import { AsyncLocalStorage } from "node:async_hooks";
import { type SQL, sql } from "drizzle-orm";
import { Actor } from "../platform/actor.ts";
import { Clock } from "../platform/clock.ts";
import { Db, statement } from "../platform/db/index.ts";
import { AppError } from "../platform/error.ts";
import { Id } from "../platform/id.ts";
import { Log } from "../platform/log.ts";
import { eventSubjects, webhookEvents } from "./event.sql.ts";
import { type UnpublishedEvent, publishCommitted } from "./publish.ts";
import type { Body } from "./body.ts";
import { ACT_LIMIT_SECONDS, armSweep, isArmed } from "./sweep.ts";

interface Act {
  /** The events of this act, by subject, in the order of their sequence numbers. */
  readonly events: Map<string, UnpublishedEvent[]>;
  readonly after: (() => Promise<void>)[];
}
const act$ = new AsyncLocalStorage<Act>();

/**
 * Maximum time between arming the sweep and the start of the statement in the database, for {@link actOfOneStatement}.
 */
const LATE_AFTER_MS = 5_000;

/**
 * Thrown by the work of {@link actOfOneStatement} when its statement reached the database too late and therefore
 * changed nothing.
 */
export class Late extends Error {}

const OPTIONS = { timeoutSeconds: ACT_LIMIT_SECONDS, precondition: { isMet: isArmed, establish: arm } };

/**
 * Runs `work` as one act: a transaction whose events are delivered if and only if it commits. Before a connection is
 * taken, sends the message of a delayed sweep ("arms the sweep"), which publishes the events if this process crashes
 * after the commit. Arms another sweep if the wait for a connection was so long that the sweep could run before the
 * commit (while the database resumes or the pool is busy).
 * @throws AppError UNAVAILABLE when the sweep cannot be armed; then nothing was changed
 */
export async function act<T>(work: () => Promise<T>): Promise<T> {
  if (act$.getStore()) return Db.transaction(work);
  return published(() => Db.transaction(work, OPTIONS));
}

/**
 * Runs an act whose whole change is one statement. The statement needs no `begin` and no `commit`, which saves two of
 * five round trips. But no transaction limit bounds the time between arming the sweep and the commit. Instead, the
 * statement must reach the database by `latest`, and the database aborts statements after 15 s. A statement that
 * arrives later is repeated in a transaction. Inside another act or a unit of work, `work` runs in its transaction.
 * @param work receives `latest`, which is null in a transaction; must throw {@link Late} when the statement arrived too
 * late
 */
export async function actOfOneStatement<T>(work: (latest: string | null) => Promise<T>): Promise<T> {
  const inTransaction = () => work(null);
  if (act$.getStore() || Db.hasScope()) return act(inTransaction);
  return published(async () => {
    if (!isArmed()) await arm();
    try {
      return await work(new Date(Clock.now().getTime() + LATE_AFTER_MS).toISOString());
    } catch (error) {
      if (!(error instanceof Late)) throw error;
      Log.warn("the statement of an act was late, and is repeated in a transaction");
      return Db.transaction(inTransaction, OPTIONS);
    }
  });
}

async function published<T>(work: () => Promise<T>): Promise<T> {
  const scope: Act = { events: new Map(), after: [] };
  const result = await act$.run(scope, work);
  // If the request has an idempotency key, the act is a part of a larger transaction, which has not committed yet.
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

/** Runs the steps that follow the commit of an act. A later sweep repeats every step that fails here. */
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

/** Runs `step` after the current act has committed. A crash may skip `step`, so the sweep must be able to do the same work. */
export function afterAct(step: () => Promise<void>): void {
  const scope = act$.getStore();
  if (!scope) throw new Error("afterAct() outside of act()");
  scope.after.push(step);
}

/** The member who is recorded as the actor of an event. */
export interface Author {
  readonly id: string;
  readonly username: string;
}

/**
 * The column values of an event that is not inserted yet. The names of the fields are the placeholders in {@link
 * eventInserts}.
 */
export interface NewEvent {
  readonly eventId: string;
  readonly eventType: Body["event_type"];
  readonly eventSubject: string;
  readonly eventActor: string;
  readonly requestId: string;
  readonly body: string;
  readonly emittedAt: string;
}

/**
 * Creates an event of the current act. A statement with {@link eventInserts} then inserts the event. The body of an
 * event never changes.
 * @param subject the ordering key: events of one subject are delivered in commit order
 * @param actor the member who performed the act
 */
export function create(subject: string, actor: Author, body: Body): NewEvent {
  const eventId = Id.event();
  const emittedAt = Clock.now().toISOString();
  const { event_type, subject: about, ...rest } = body;
  return {
    eventId,
    eventType: event_type,
    eventSubject: subject,
    eventActor: actor.id,
    requestId: Actor.requestId(),
    body: JSON.stringify({
      event_id: eventId,
      event_type,
      timestamp: emittedAt,
      actor: { user_id: actor.id, username: actor.username },
      subject: about,
      ...rest,
    }),
    emittedAt,
  };
}

/**
 * Two CTEs for a statement that inserts an event: `counter` increments the sequence of the subject; `event` inserts the
 * event and returns its sequence and `redrives`.
 * @param from a FROM clause such as ` from "row"`: the event is inserted only if it yields a row. The values come from
 * a {@link NewEvent}
 */
export function eventInserts(from: SQL): SQL {
  const value = (name: keyof NewEvent) => sql.placeholder(name);
  return sql`
    counter as (
      insert into ${eventSubjects} (subject, last_sequence) select ${value("eventSubject")}, 1 ${from}
      on conflict (subject) do update set last_sequence = ${eventSubjects.lastSequence} + 1 returning last_sequence),
    event as (
      insert into ${webhookEvents} (id, event_type, subject, sequence, actor_id, request_id, body, created_at)
      select ${value("eventId")}, ${value("eventType")}, ${value("eventSubject")}, last_sequence, ${value("eventActor")}::uuid,
        ${value("requestId")}, ${value("body")}, ${value("emittedAt")}::timestamptz from counter
      returning sequence, redrives)`;
}

/** Registers an inserted event with the current act, which publishes the event after the commit. */
export function written(event: NewEvent, sequence: number, redrives: number): void {
  const scope = act$.getStore();
  if (!scope) throw new Error("an event was written outside of act()");
  const { eventId: id, eventSubject: subject, requestId, emittedAt, body } = event;
  const earlier = scope.events.get(subject) ?? [];
  const createdAt = new Date(emittedAt);
  scope.events.set(subject, [...earlier, { id, subject, requestId, createdAt, body, sequence, redrives }]);
}

const insertEvent = statement<readonly [sequence: number, redrives: number]>(
  () => sql`with ${eventInserts(sql``)} select sequence, redrives from event`,
);

/** Inserts an event into the outbox, in the transaction of the current act. See {@link create}. */
export async function emit(subject: string, actor: Author, body: Body): Promise<string> {
  if (!act$.getStore() || !Db.isInTransaction()) throw new Error("emit() outside of act()");
  const event = create(subject, actor, body);
  written(event, ...Db.only(await insertEvent({ ...event })));
  return event.eventId;
}

/** The ordering subject of a contribution and its evidence. */
export const contributionSubject = (contributionId: string) => `contribution:${contributionId}`;
/** The ordering subject of all vouches of one member for another. */
export const vouchSubject = (voucherId: string, voucheeId: string) => `vouch:${voucherId}:${voucheeId}`;

export * as Event from "./event.ts";
