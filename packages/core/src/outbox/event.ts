import { AsyncLocalStorage } from "node:async_hooks";
import { type SQL, sql } from "drizzle-orm";
import { Actor } from "../platform/actor.ts";
import { Clock } from "../platform/clock.ts";
import { Db, statement } from "../platform/db/index.ts";
import { AppError } from "../platform/error.ts";
import { Id } from "../platform/id.ts";
import { Log } from "../platform/log.ts";
import { onReset } from "../platform/reset.ts";
import { eventSubjects, webhookEvents } from "./event.sql.ts";
import { type UnpublishedEvent, publishCommitted } from "./publish.ts";
import type { Body } from "./body.ts";
import { Sweep } from "./sweep.ts";

interface Act {
  /** The events of this act, by subject, in the order of their sequence numbers. */
  readonly events: Map<string, UnpublishedEvent[]>;
  readonly after: (() => Promise<void>)[];
}
const act$ = new AsyncLocalStorage<Act>();

/** Whether an act is running. */
export const isActing = () => act$.getStore() !== undefined;

/** The delay of a sweep's message: the sweep runs this long after it was armed. */
const SWEEP_DELAY_SECONDS = 60;
/** Time limit of an act's transaction, after which PostgreSQL aborts it. */
const ACT_LIMIT_SECONDS = 20;
/**
 * Time for which an armed sweep also serves new acts. The sweep must run after such an act has ended. An act ends
 * within {@link ACT_LIMIT_SECONDS}; 10 s more allow for clock differences.
 */
const SHARED_UNTIL_SECONDS = SWEEP_DELAY_SECONDS - ACT_LIMIT_SECONDS - 10;

/** The options of an act's transaction. */
export const OPTIONS = { timeoutSeconds: ACT_LIMIT_SECONDS, precondition: { isMet: isArmed, establish: arm } };

/**
 * Runs `work` as one act: a transaction whose events are delivered if and only if it commits. Before a connection is
 * taken, sends the message of a delayed sweep ("arms the sweep"), which publishes the events if this process crashes
 * after the commit. Arms another sweep if the wait for a connection was so long that the sweep could run before the
 * commit (while the database resumes or the pool is busy).
 * @throws AppError UNAVAILABLE when the sweep cannot be armed; then nothing was changed
 */
export async function act<T>(work: () => Promise<T>): Promise<T> {
  if (isActing()) return Db.transaction(work);
  return published(() => Db.transaction(work, OPTIONS));
}

/** Runs the work of an act, and publishes its events after the commit. */
export async function published<T>(work: () => Promise<T>): Promise<T> {
  const scope: Act = { events: new Map(), after: [] };
  const result = await act$.run(scope, work);
  // If the request has an idempotency key, the act is a part of a larger transaction, which has not committed yet.
  await Db.afterCommit(() => afterCommit(scope));
  return result;
}

/**
 * Arms the sweep of an act.
 * @throws AppError UNAVAILABLE when the queue does not accept the message
 */
export async function arm(): Promise<void> {
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

let armed: { at: number; isDone: boolean; done: Promise<void> } | undefined;

/** Whether an armed sweep will run after the end of every transaction that begins now. */
export function isArmed(): boolean {
  return armed?.isDone === true && isInTime(armed);
}

const isInTime = ({ at }: { readonly at: number }) => Clock.now().getTime() - at <= SHARED_UNTIL_SECONDS * 1000;

/**
 * Sends the message of a sweep, unless {@link isArmed}. One message serves all acts that begin in this process within
 * {@link SHARED_UNTIL_SECONDS}.
 * @throws when the queue does not accept the message
 */
export async function armSweep(): Promise<void> {
  if (!armed || !isInTime(armed))
    armed = { at: Clock.now().getTime(), isDone: false, done: Sweep.send(SWEEP_DELAY_SECONDS) };
  const sweep = armed;
  try {
    await sweep.done;
    sweep.isDone = true;
  } catch (error) {
    if (armed === sweep) armed = undefined;
    throw error;
  }
}

/** Forgets that a sweep is armed (for tests, and after queues were emptied). */
export function disarm(): void {
  armed = undefined;
}
onReset(disarm);

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
  if (!isActing() || !Db.isInTransaction()) throw new Error("emit() outside of act()");
  const event = create(subject, actor, body);
  written(event, ...Db.only(await insertEvent({ ...event })));
  return event.eventId;
}

/** The ordering subject of a contribution and its evidence. */
export const contributionSubject = (contributionId: string) => `contribution:${contributionId}`;
/** The ordering subject of all vouches of one member for another. */
export const vouchSubject = (voucherId: string, voucheeId: string) => `vouch:${voucherId}:${voucheeId}`;

export * as Event from "./event.ts";
