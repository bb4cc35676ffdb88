import { sql } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Event, Leftovers, Sweep } from "@gotong/core/outbox/index.ts";
import { Breaker, recordOutcomes } from "@gotong/core/webhook/index.ts";
import { EvidenceQueue } from "@gotong/core/domain/evidence/index.ts";
import { authorOf } from "@gotong/core/domain/user/row.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { type Incoming, Queue, type Transport } from "@gotong/core/platform/queue/index.ts";
import { deliveries } from "@gotong/workers/deliveries/process.ts";
import { outcomes } from "@gotong/workers/outcomes/process.ts";
import { runBatch } from "@gotong/workers/batch.ts";
import { taskInput } from "../../harness/factories.ts";
import { usePlatform } from "../../harness/platform.ts";
import { drain, outcomeOf } from "../../harness/queue.ts";
import { contributionOf, photograph, put } from "../../harness/scenes.ts";

// The platform runs without workers, so that each test decides which messages are received, and when.
const platform = usePlatform({ workers: false });

/** The real queue, except that `send` fails for messages that `fails` selects. */
function failing(fails: (queue: string, body: string) => boolean): Transport {
  Queue.use(undefined);
  const real = Queue.get();
  return {
    ...real,
    send: async (queue, message) => {
      if (fails(queue, message.body)) throw new Error("the queue is away");
      await real.send(queue, message);
    },
  };
}

beforeEach(async () => {
  Queue.use(undefined);
  Sweep.disarm();
  await drain("deliveries");
  await drain("outcomes");
  Breaker.reset();
});

test("a request with an event is rejected with 503 and rolled back if no sweep can be scheduled that would publish the event", async () => {
  const member = await platform.person();
  const task = await member.post("/v1/tasks", taskInput({ title: "t", description: "d" }));
  const path = `/v1/tasks/${String(task.json["id"])}`;
  await member.post(`${path}/claim`);
  await member.post(`${path}/start`);
  Sweep.disarm(); // the claim above was also an act, and armed a sweep
  Queue.use(failing((queue) => queue === "sweep"));
  const refused = await member.post(`${path}/complete`);
  expect([refused.status, refused.json["code"], refused.headers.get("retry-after")]).toEqual([503, "UNAVAILABLE", "5"]);
  expect((await member.get(path)).json["status"]).toBe("in_progress");
  expect(await platform.sql`select 1 from contributions where user_id = ${member.id}`).toHaveLength(0);
  Queue.use(undefined);
  expect((await member.post(`${path}/complete`)).status).toBe(201);
});

test("a request whose events cannot be published after its commit succeeds, and the sweep publishes the events in order", async () => {
  const member = await platform.person();
  Queue.use(failing((queue) => queue === "deliveries"));
  const contributionId = await contributionOf(member);
  const proof = { timestamp: new Date().toISOString(), location: { lat: 1, lon: 2 } };
  const gps = await member.post(`/v1/contributions/${contributionId}/evidence`, {
    evidence_type: "gps_verification",
    proof,
  });
  expect(gps.status).toBe(201);
  Queue.use(undefined);
  expect(await drain("deliveries")).toEqual([]);
  expect(await Leftovers.publishLeftovers()).toEqual({ sent: 2, failed: 0, more: false });
  const sent = (await drain("deliveries")).map((message) => JSON.parse(message.body));
  expect(sent.map((message) => [message.subject, message.sequence])).toEqual([
    [`contribution:${contributionId}`, 1],
    [`contribution:${contributionId}`, 2],
  ]);
  expect(await Leftovers.publishLeftovers()).toEqual({ sent: 0, failed: 0, more: false });
});

test("requests with events in one time window share a sweep, whose message is sent before any of them commits", async () => {
  const members = await Promise.all(Array.from({ length: 5 }, () => platform.person()));
  const sent: string[] = [];
  const real = failing(() => false);
  Queue.use({ ...real, send: async (queue, message) => (sent.push(queue), real.send(queue, message)) });
  await Promise.all(members.map((member) => contributionOf(member)));
  expect(sent.filter((queue) => queue === "sweep")).toHaveLength(1);
  expect(sent.indexOf("sweep")).toBeLessThan(sent.indexOf("deliveries"));
});

test("a single-statement write that reaches the database too late for its sweep has no effect and is repeated in a transaction", async () => {
  const member = await platform.person();
  const restore = Clock.set(() => new Date(Date.now() - 10_000));
  const input = { contribution_type: "mentoring", title: "Taught masonry" };
  const { json } = await member.post("/v1/contributions", input).finally(restore);
  const id = String(json["id"]);
  expect(platform.logs.filter((line) => line.includes("was late"))).toHaveLength(1);
  expect(await platform.sql`select id from contributions where user_id = ${member.id}`).toEqual([{ id }]);
  const sent = (await drain("deliveries")).map((message) => JSON.parse(message.body));
  expect(sent.map((message) => [message.subject, message.sequence])).toEqual([[`contribution:${id}`, 1]]);
});

test("PostgreSQL aborts a transaction with an event after 20 s, so that no event is committed after its sweep has run", async () => {
  const show = () =>
    Event.act(() =>
      Db.use()
        .execute(sql`show transaction_timeout`)
        .then((rows) => rows[0]),
    );
  expect(await Actor.run({ type: "system", name: "test" }, "r", show)).toEqual({ transaction_timeout: "20s" });
  const tooLong = () => Db.transaction(() => Db.use().execute(sql`select pg_sleep(5)`), { timeoutSeconds: 1 });
  const ended = await Promise.allSettled(Array.from({ length: 8 }, tooLong));
  expect(ended.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => "rejected"));
  // Only the failed connection is closed: the process and the pool continue, and later queries are not affected.
  const rows = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      index % 2 === 0 ? Db.use().execute(sql`select 1`) : Db.transaction(() => Db.use().execute(sql`select 1`)),
    ),
  );
  expect(rows).toHaveLength(30);
});

test("events of concurrent requests about one contribution get sequence numbers without gaps, and are published in that order", async () => {
  const owner = await platform.person();
  const contributionId = await contributionOf(owner);
  await drain("deliveries");
  const proof = { timestamp: new Date().toISOString(), location: { lat: 1, lon: 2 } };
  const pieces = Array.from({ length: 12 }, () => ({ evidence_type: "gps_verification", proof }));
  const answers = await Promise.all(
    pieces.map((piece) => owner.post(`/v1/contributions/${contributionId}/evidence`, piece)),
  );
  expect(answers.map((answer) => answer.status)).toEqual(pieces.map(() => 201));
  const sequences = (await drain("deliveries")).map((message) => Number(JSON.parse(message.body).sequence));
  expect(sequences).toEqual(pieces.map((_, index) => index + 2));
});

test("a delivery is acknowledged once its outcome was sent; if sending fails it is repeated, and Markov drops the duplicate", async () => {
  await contributionOf(await platform.person());
  const [message] = await Queue.get().receive("deliveries", 0);
  if (!message) throw new Error("no message");
  Queue.use(failing((queue) => queue === "outcomes"));
  expect((await runBatch(deliveries, [message])).map((result) => result.isDone)).toEqual([false]);
  Queue.use(undefined);
  expect((await runBatch(deliveries, [message])).map((result) => result.isDone)).toEqual([true]);
  expect(platform.markov.tally.get("duplicate")).toBe(1);
  await Queue.get().remove("deliveries", message);
  const reports = await drain("outcomes");
  expect(reports.map((report) => JSON.parse(report.body).result)).toEqual(["delivered"]);
});

test("a failed delivery and later ones of its message group are retried; an unprocessable message is dead-lettered with reason", async () => {
  const bodies = await Promise.all([1, 2, 3].map(async () => contributionOf(await platform.person())));
  const messages = await Queue.get().receive("deliveries", 0);
  expect(messages).toHaveLength(bodies.length);
  const [first, second, third] = messages;
  if (!first || !second || !third) throw new Error("three messages");
  const behind = { ...third, messageId: "behind", group: second.group ?? "" };
  const before = platform.markov.ledger.events.length;
  platform.markov.misbehave({ count: 1, status: 503 });
  const results = await runBatch(deliveries, [second, behind]);
  // Both messages return at the same time: SQS returns no message of a group while another message of the group is hidden.
  expect(
    results.filter((result) => !result.isDone).map((result) => [result.message.messageId, result.retryInSeconds]),
  ).toEqual([
    [second.messageId, 1],
    ["behind", 1],
  ]);
  expect(platform.markov.ledger.events.length).toBe(before);
  const others = await runBatch(deliveries, [first, { ...second, body: "{}" }, third]);
  expect(others.filter((result) => !result.isDone)).toEqual([]);
  expect(platform.markov.ledger.events.length).toBe(before + 2);
  const [letter] = await drain("dead");
  expect(JSON.parse(letter?.body ?? "{}")).toEqual({
    queue: "deliveries",
    reason: "the message body does not fit its schema",
    body: "{}",
  });
});

test("an event that Markov refuses is dead-lettered at once with the response; after other failures it is retried with a delay", async () => {
  await contributionOf(await platform.person());
  const [message] = await Queue.get().receive("deliveries", 0);
  if (!message) throw new Error("no message");
  platform.markov.misbehave({ count: 1, status: 503 });
  platform.markov.misbehave({ count: 1, status: 429, retry_after: "7" });
  platform.markov.misbehave({ count: 1, reset: true });
  platform.markov.misbehave({ count: 1, status: 422 });
  const results = [];
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    results.push(...(await runBatch(deliveries, [{ ...message, receiveCount: attempt }])));
    Breaker.reset(); // a new sender, since this one would pause for 7 s after the 429
  }
  expect(results.map((result) => result.retryInSeconds)).toEqual([1, 7, 4, undefined]);
  await runBatch(outcomes, await drain("outcomes"));
  const eventId = JSON.parse(message.body).event_id;
  const [event] = await platform.sql`select status, attempts from webhook_events where id = ${eventId}`;
  expect(event).toEqual({ status: "dead", attempts: 4 });
  const [failure] =
    await platform.sql`select reason, status, response_head from webhook_failures where event_id = ${eventId}`;
  expect(failure).toMatchObject({
    reason: "status 422",
    status: 422,
    response_head: expect.stringContaining("injected_fault"),
  });
  const attempts =
    await platform.sql`select status, error from webhook_attempts where event_id = ${eventId} order by id`;
  expect(attempts.map((attempt) => attempt["status"] ?? attempt["error"])).toEqual([503, 429, "ECONNRESET", 422]);
});

test("an outcome that is repeated, or that arrives after the delivery, changes nothing", async () => {
  await contributionOf(await platform.person());
  const [message] = await drain("deliveries");
  const eventId = String(JSON.parse(message?.body ?? "{}").event_id);
  const delivered = outcomeOf(eventId, "delivered", 200);
  const recorded = await Promise.all([1, 2, 3].map(() => recordOutcomes([delivered, delivered])));
  expect(recorded.toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
  await recordOutcomes([outcomeOf(eventId, "retrying", 500)]);
  await recordOutcomes([outcomeOf(eventId, "dead", 422)]);
  const [event] =
    await platform.sql`select status, delivered_at is not null as has_time from webhook_events where id = ${eventId}`;
  expect(event).toEqual({ status: "delivered", has_time: true });
  expect(await platform.sql`select 1 from webhook_failures where event_id = ${eventId}`).toHaveLength(0);
});

test("an event dead-lettered without a response is recorded with the error; an outcome of an unknown event is dropped", async () => {
  const contributionId = await contributionOf(await platform.person());
  const [event] = await platform.sql`select id from webhook_events where subject = ${`contribution:${contributionId}`}`;
  const id = String(event?.["id"]);
  expect(await recordOutcomes([outcomeOf("evt_0000000000000000", "dead", 422)])).toBe(0);
  const unanswered = { ...outcomeOf(id, "dead", 0), status: null, error: "ECONNREFUSED", response_head: null };
  await platform.sql`update webhook_events set attempts = 11 where id = ${id}`;
  expect(await recordOutcomes([unanswered])).toBe(1);
  const failures = await platform.sql`select reason, status from webhook_failures where event_id = ${id}`;
  expect(failures).toEqual([{ reason: "ECONNREFUSED", status: null }]);
});

test("recording an outcome while a publisher has locked its subject does not deadlock", async () => {
  await contributionOf(await platform.person());
  const [message] = await drain("deliveries");
  const { event_id, subject } = JSON.parse(message?.body ?? "{}");
  const outcome = outcomeOf(String(event_id), "delivered", 200);
  await platform.sql.begin(async (tx) => {
    await tx`select 1 from event_subjects where subject = ${subject} for update`;
    expect(await recordOutcomes([outcome])).toBe(1);
  });
});

test("after a loss of the queues, published but undelivered events are published again, and delivered events are not", async () => {
  const [lost, done] = [await contributionOf(await platform.person()), await contributionOf(await platform.person())];
  await platform.sql`update webhook_events set status = 'delivered', delivered_at = now() where subject = ${`contribution:${done}`}`;
  await Leftovers.forgetPublications();
  const rows = await platform.sql`select subject from webhook_events where published_at is null`;
  const subjects = rows.map((row) => String(row["subject"]));
  expect(subjects).toContain(`contribution:${lost}`);
  expect(subjects).not.toContain(`contribution:${done}`);
});

test("an event that is being published while the queues are declared lost is published again", async () => {
  const member = await platform.person();
  Queue.use(failing((queue) => queue === "deliveries"));
  const subject = `contribution:${await contributionOf(member)}`;
  const real = failing(() => false);
  const sent = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  Queue.use({
    ...real,
    send: async () => {
      sent.resolve(); // simulates a queue that is lost right after it has accepted the message
      await goOn.promise;
    },
  });
  const publishing = Event.publish(subject);
  await sent.promise;
  await Leftovers.forgetPublications();
  goOn.resolve();
  expect(await publishing).toBe(1);
  const rows = await platform.sql`select published_at from webhook_events where subject = ${subject}`;
  expect(rows).toEqual([{ published_at: null }]);
});

test("republished events reach a new queue, although SQS drops repeated deduplication ids for five minutes", async () => {
  const subject = `contribution:${await contributionOf(await platform.person())}`;
  const ofSubject = (messages: readonly Incoming[]) => messages.filter(({ group }) => group === subject).length;
  expect(ofSubject(await drain("deliveries"))).toBe(1);
  await Leftovers.forgetPublications();
  await Leftovers.publishLeftovers();
  expect(ofSubject(await drain("deliveries"))).toBe(1);
});

test("an examination whose message was lost is enqueued again once it is overdue, and not before", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const photo = photograph();
  const ticket = await member.post(`/v1/contributions/${contributionId}/uploads`, photo.declared);
  await put(ticket, photo.bytes);
  Queue.use(failing((queue) => queue === "evidence"));
  const submitted = await member.post(`/v1/contributions/${contributionId}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: photo.timestamp, media_hash: photo.declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  expect(submitted.status).toBe(202);
  Queue.use(undefined);
  expect(await EvidenceQueue.enqueueOverdue()).toEqual({ sent: 0, more: true });
  expect(await EvidenceQueue.enqueueOverdue(0)).toEqual({ sent: 1, more: true });
  const [message] = await Queue.get().receive("evidence", 0);
  expect(JSON.parse(message?.body ?? "{}")).toMatchObject({ evidence_id: submitted.json["id"] });
});

test("an event can be written only inside Event.act(), and only in the name of an existing member", async () => {
  const payload = { event_type: "vouch_submitted", subject: { vouchee_id: Id.uuid() } } as const;
  const unknown = { id: Id.uuid(), username: "unknown" };
  await expect(Event.emit("vouch:x", unknown, payload)).rejects.toThrow("outside of act()");
  expect(() => Event.afterAct(async () => undefined)).toThrow("outside of act()");
  await expect(authorOf(unknown.id)).rejects.toThrow("unknown member");
  const refused = await Event.act(() => Event.emit("vouch:x", unknown, payload)).catch((error: unknown) => error);
  expect(Db.brokenConstraint(refused)).toBe("webhook_events_actor_id_users_id_fk");
  expect(await platform.sql`select id from webhook_events where subject = 'vouch:x'`).toEqual([]);
});

test("characters that SQS or its emulator rejects reach Markov unchanged", async () => {
  await drain("deliveries"); // removes the events of earlier tests
  const member = await platform.person();
  const title = "gotong \uffff \ufffe 🌾 royong";
  expect((await member.post("/v1/contributions", { contribution_type: "custom", title })).status).toBe(201);
  const messages = await Queue.get().receive("deliveries", 0);
  expect(messages.map(({ body }) => /[^ -~]/.test(body))).toEqual([false]);
  expect((await runBatch(deliveries, messages)).map(({ isDone }) => isDone)).toEqual([true]);
  expect(JSON.parse(platform.markov.ledger.events.at(-1)?.body ?? "{}")).toMatchObject({ subject: { title } });
});

test("the failure to publish the events of one subject does not prevent the publishing of other subjects", async () => {
  Queue.use(failing((queue) => queue === "deliveries"));
  const made = await Promise.all([1, 2, 3].map(async () => contributionOf(await platform.person())));
  const bad = made.toSorted()[0] ?? ""; // the first subject in the order of a sweep, so its failure comes before the others
  Queue.use(failing((queue, body) => queue === "deliveries" && body.includes(bad)));
  expect(await Leftovers.publishLeftovers()).toEqual({ sent: 2, failed: 1, more: true });
  Queue.use(undefined);
  expect(await Leftovers.publishLeftovers()).toEqual({ sent: 1, failed: 0, more: false });
});

test("an event that a sender declares dead for its age after only two attempts is published again", async () => {
  await contributionOf(await platform.person());
  const [message] = await drain("deliveries");
  const eventId = String(JSON.parse(message?.body ?? "{}").event_id);
  await recordOutcomes([outcomeOf(eventId, "retrying", 503)]);
  const sent: string[] = [];
  const real = failing(() => false);
  Queue.use({
    ...real,
    send: async (queue, out) => (sent.push(`${queue} ${out.delaySeconds}`), real.send(queue, out)),
  });
  const dead = outcomeOf(eventId, "dead", 503);
  expect(await recordOutcomes([dead, dead])).toBe(1);
  expect(sent).toEqual(["sweep 300"]);
  const rowOf = () =>
    platform.sql`select status, attempts, redrives, published_at from webhook_events where id = ${eventId}`;
  expect(await rowOf()).toEqual([{ status: "pending", attempts: 2, redrives: 0, published_at: null }]);
  expect((await Leftovers.publishLeftovers()).sent).toBe(1);
  await platform.sql`update webhook_events set attempts = 11 where id = ${eventId}`;
  await recordOutcomes([outcomeOf(eventId, "dead", 503)]);
  expect(await rowOf()).toMatchObject([{ status: "dead", attempts: 12 }]);
});

test("a redriven event is retried for 72 hours from the redrive", async () => {
  await contributionOf(await platform.person());
  const [message] = await drain("deliveries");
  const { event_id, ...first } = JSON.parse(message?.body ?? "{}");
  expect(first.sent_again_at).toBeUndefined();
  await platform.sql`update webhook_events set published_at = null, redrives = 1, created_at = now() - interval '9 days'
    where id = ${event_id}`;
  expect((await Leftovers.publishLeftovers()).sent).toBe(1);
  const [again] = await Queue.get().receive("deliveries", 0);
  if (!again) throw new Error("no message");
  expect(Date.now() - Date.parse(JSON.parse(again.body).sent_again_at)).toBeLessThan(60_000);
  platform.markov.misbehave({ count: 1, status: 503 });
  const [result] = await runBatch(deliveries, [{ ...again, receiveCount: 50 }]);
  expect(result?.isDone).toBe(false);
});
