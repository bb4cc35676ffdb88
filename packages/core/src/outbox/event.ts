import { AsyncLocalStorage } from "node:async_hooks";
import { type SQL, and, asc, eq, getTableColumns, isNull, sql } from "drizzle-orm";
import { Actor } from "../platform/actor.ts";
import { Clock } from "../platform/clock.ts";
import { Db, statement } from "../platform/db/index.ts";
import { Id } from "../platform/id.ts";
import { Log } from "../platform/log.ts";
import { Queue } from "../platform/queue/index.ts";
import { eventSubjects, webhookEvents } from "./event.sql.ts";
import type { Body } from "./body.ts";
import type { DeliveryMessage } from "./message.ts";
import { Sweep } from "./sweep.ts";

const { id, subject, sequence, requestId, createdAt, redrives, body } = getTableColumns(webhookEvents);
const COLUMNS = { id, subject, sequence, requestId, createdAt, redrives, body };
type UnpublishedEvent = Pick<typeof webhookEvents.$inferSelect, keyof typeof COLUMNS>;

interface Act {
  /** The events of this act, by subject, in the order of their sequence numbers. */
  readonly events: Map<string, UnpublishedEvent[]>;
  readonly after: (() => Promise<void>)[];
}
const act$ = new AsyncLocalStorage<Act>();

/** Whether an act is running. */
export const isActing = () => act$.getStore() !== undefined;

/** The options of an act's transaction. */
export const OPTIONS = {
  timeoutSeconds: Sweep.ACT_LIMIT_SECONDS,
  precondition: { isMet: Sweep.isArmed, establish: Sweep.armForAct },
};

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

/**
 * Sends every committed, unpublished event of `subject` to the queue, in order, without a lock. Two concurrent publishers cannot reorder
 * events: each publisher sends an event only after it has sent all earlier events or seen them published. (Sequence order is commit order,
 * so a publisher that sees an event sees all earlier ones.) Two publishers, or a crash, can cause duplicates. For five minutes the queue
 * drops them by their deduplication id; later Markov drops them by `event_id`.
 * @returns the number of events sent
 */
export async function publish(subject: string): Promise<number> {
  const events = await Db.use()
    .select(COLUMNS)
    .from(webhookEvents)
    .where(and(eq(webhookEvents.subject, subject), isNull(webhookEvents.publishedAt)))
    .orderBy(asc(webhookEvents.sequence));
  return sendAndMark(events);
}

/**
 * Publishes the events of `subject` that an act of this process has just committed. If the first of them is also the
 * first event of its subject, no earlier event can be unpublished, so the database need not be read.
 * @param events all events of the subject in this act, in order
 */
async function publishCommitted(subject: string, events: readonly UnpublishedEvent[]): Promise<number> {
  return events[0]?.sequence === 1 ? sendAndMark(events) : publish(subject);
}

async function sendAndMark(events: readonly UnpublishedEvent[]): Promise<number> {
  for (const event of events) {
    const message: DeliveryMessage = {
      event_id: event.id,
      subject: event.subject,
      sequence: event.sequence,
      request_id: event.requestId,
      created_at: event.createdAt.toISOString(),
      ...(event.redrives === 0 ? {} : { sent_again_at: Clock.now().toISOString() }),
      body: event.body,
    };
    // The queue drops a second message with the same deduplication id for five minutes, so an event that is sent again needs a new id.
    const id = event.redrives === 0 ? event.id : `${event.id}-${event.redrives}`;
    await Queue.get().send("deliveries", { body: Queue.toBody(message), fifo: { group: event.subject, id } });
  }
  if (events.length > 0) await markPublished(events);
  return events.length;
}

/**
 * Marks only the events that were really sent: an event that `forgetPublications` (leftovers.ts) reset in the meantime has
 * a higher `redrives` and stays unpublished. A single statement, which locks the rows in id order, as `lockEvents` does.
 */
const mark = statement(
  () => sql`
    with sent as (select * from unnest(${sql.placeholder("ids")}::text[], ${sql.placeholder("redrives")}::int[]) as each (id, redrives)),
      locked as (
        select ${webhookEvents.id} from ${webhookEvents}
        where ${webhookEvents.id} = any(${sql.placeholder("ids")}::text[]) order by ${webhookEvents.id} for update)
    update ${webhookEvents} set published_at = ${sql.placeholder("now")}::timestamptz
    from sent, locked
    where ${webhookEvents.id} = locked.id and sent.id = locked.id and ${webhookEvents.redrives} = sent.redrives`,
);

async function markPublished(events: readonly UnpublishedEvent[]): Promise<void> {
  // Builds array literals without quotes: ids and numbers contain no characters that need them.
  await mark({
    ids: `{${events.map((event) => event.id).join(",")}}`,
    redrives: `{${events.map((event) => event.redrives).join(",")}}`,
    now: Clock.now().toISOString(),
  });
}

/** The ordering subject of a contribution and its evidence. */
export const contributionSubject = (contributionId: string) => `contribution:${contributionId}`;
/** The ordering subject of all vouches of one member for another. */
export const vouchSubject = (voucherId: string, voucheeId: string) => `vouch:${voucherId}:${voucheeId}`;

export * as Event from "./event.ts";
