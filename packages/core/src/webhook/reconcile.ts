import { and, asc, eq, gt, inArray, ne, sql } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../platform/actor.ts";
import { Audit } from "../platform/audit/index.ts";
import { Clock } from "../platform/clock.ts";
import { Config } from "../platform/config.ts";
import { Db } from "../platform/db/index.ts";
import { Http, markovUrl } from "../platform/http-client/index.ts";
import { webhookEvents } from "../outbox/event.sql.ts";
import { Event, lockEvents } from "../outbox/index.ts";

/** Number of subjects in one page; Markov receives one request per subject. */
const PAGE = 50;
/** Days after which a published event that is still pending counts as lost: no queue keeps a message longer. */
const STUCK_DAYS = 14;
const EventsResponse = v.object({ data: v.array(v.object({ event_id: v.string(), sequence: v.number() })) });

export interface Page {
  readonly subjects: number;
  readonly events: number;
  /**
   * Ids of events that Markov does not have, although the outbox has them as delivered, or published them more than
   * {@link STUCK_DAYS} days ago.
   */
  readonly missing: readonly string[];
  /** Ids that Markov has and that are still pending in the outbox. */
  readonly unrecorded: readonly string[];
  /** Ids that Markov has for one of the subjects and the outbox does not have at all. */
  readonly unknown: readonly string[];
  /** The `after` of the next page; undefined after the last page. */
  readonly next: string | undefined;
}

/**
 * Compares the events of up to 50 subjects with the events that Markov has. Unless it is a dry run, sends the missing events again in order,
 * and records deliveries that were not recorded. Operators only; one audit entry for each event.
 * @param after the last subject of the previous page; empty for the first page
 * @throws Error when Markov does not return its events
 */
export async function page(after: string, isDryRun: boolean): Promise<Page> {
  Actor.operator();
  const rows = await Db.use()
    .selectDistinct({ subject: webhookEvents.subject })
    .from(webhookEvents)
    .where(gt(webhookEvents.subject, after))
    .orderBy(asc(webhookEvents.subject))
    .limit(PAGE);
  const found = {
    events: 0,
    missing: new Array<string>(),
    unrecorded: new Array<string>(),
    unknown: new Array<string>(),
  };
  const stuckBefore = new Date(Clock.now().getTime() - STUCK_DAYS * 86_400_000).toISOString();
  for (const { subject } of rows) {
    const own = await Db.use()
      .select({
        id: webhookEvents.id,
        status: webhookEvents.status,
        sequence: webhookEvents.sequence,
        isStuck: sql<boolean>`${webhookEvents.status} = 'pending' and ${webhookEvents.publishedAt} < ${stuckBefore}::timestamptz`,
      })
      .from(webhookEvents)
      .where(eq(webhookEvents.subject, subject))
      .orderBy(asc(webhookEvents.sequence));
    const markovs = await markovEvents(subject);
    const idsOf = (rows: typeof own) => rows.map(({ id }) => id);
    const missing = idsOf(own.filter((row) => (row.status === "delivered" || row.isStuck) && !markovs.has(row.id)));
    const unrecorded = idsOf(own.filter((row) => row.status === "pending" && markovs.has(row.id)));
    const ids = new Set(own.map(({ id }) => id));
    const oldest = own[0]?.sequence ?? 0; // earlier events were delivered and removed after their retention period
    found.events += own.filter(({ status }) => status === "delivered").length;
    found.missing.push(...missing);
    found.unrecorded.push(...unrecorded);
    found.unknown.push(...[...markovs].flatMap(([id, sequence]) => (sequence < oldest || ids.has(id) ? [] : id)));
    if (isDryRun) continue;
    if (missing.length > 0) await sendAgain(subject, missing);
    if (unrecorded.length > 0) await recordDelivered(unrecorded);
  }
  return { subjects: rows.length, ...found, next: rows.length === PAGE ? rows.at(-1)?.subject : undefined };
}

/** The events that Markov has of a subject, as a map from event id to sequence number. */
async function markovEvents(subject: string): Promise<Map<string, number>> {
  const { MARKOV_API_URL, MARKOV_API_TOKEN } = Config.section("reputation");
  const url = markovUrl(MARKOV_API_URL, "/v1/platforms/gotong_royong/events");
  url.searchParams.set("subject", subject);
  const headers = { authorization: `Bearer ${MARKOV_API_TOKEN}`, accept: "application/json" };
  const answer = await Http.send({ method: "GET", url, headers });
  if (answer.status !== 200) throw new Error(`Markov did not return its events: status ${answer.status}`);
  const { data } = v.parse(v.pipe(v.string(), v.parseJson(), EventsResponse), answer.body);
  return new Map(data.map((event) => [event.event_id, event.sequence]));
}

async function sendAgain(subject: string, ids: readonly string[]): Promise<void> {
  await Event.act(async () => {
    await Db.use()
      .update(webhookEvents)
      .set({
        status: "pending",
        publishedAt: null,
        deliveredAt: null,
        redrives: sql`${webhookEvents.redrives} + 1`,
      })
      .where(and(inArray(webhookEvents.id, [...ids]), ne(webhookEvents.status, "dead")));
    for (const id of ids) await Audit.record("webhook.reconcile", "webhook_event", id);
    Event.afterAct(async () => {
      await Event.publish(subject);
    });
  });
}

async function recordDelivered(ids: readonly string[]): Promise<void> {
  await Db.transaction(async () => {
    await lockEvents(inArray(webhookEvents.id, [...ids]));
    await Db.use()
      .update(webhookEvents)
      .set({ status: "delivered", deliveredAt: Clock.now() })
      .where(and(inArray(webhookEvents.id, [...ids]), eq(webhookEvents.status, "pending")));
    for (const id of ids) await Audit.record("webhook.reconcile", "webhook_event", id);
  });
}

export * as Reconcile from "./reconcile.ts";
