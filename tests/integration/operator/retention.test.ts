import { expect, test } from "vitest";
import { Retention } from "@gotong/core/domain/retention.ts";
import { sweep } from "@gotong/workers/sweep/process.ts";
import { runBatch } from "@gotong/workers/batch.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph, put } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });

/** Creates an event of a new contribution, in the given state. @returns its id */
async function event(change: { status: string; deliveredDaysAgo?: number; failedDaysAgo?: number }): Promise<string> {
  const contributionId = await contributionOf(await platform.person());
  const { status, deliveredDaysAgo, failedDaysAgo } = change;
  const delivered = deliveredDaysAgo === undefined ? null : new Date(Date.now() - deliveredDaysAgo * 86_400_000);
  const [row] = await platform.sql`
    update webhook_events set status = ${status}, delivered_at = ${delivered}
    where subject = ${`contribution:${contributionId}`} returning id`;
  const id = String(row?.["id"]);
  await platform.sql`insert into webhook_attempts (id, event_id, attempted_at, latency_ms, status)
    values (gen_random_uuid(), ${id}, now(), 5, 200)`;
  if (failedDaysAgo !== undefined)
    await platform.sql`insert into webhook_failures (id, event_id, reason, failed_at)
      values (gen_random_uuid(), ${id}, 'status 422', now() - make_interval(days => ${failedDaysAgo}))`;
  return id;
}

test("retention deletes delivered events after 30 days, dead events after 90, tokens 30 days after expiry, and nothing else", async () => {
  const kept = await Promise.all([
    event({ status: "delivered", deliveredDaysAgo: 29 }),
    event({ status: "delivered", deliveredDaysAgo: 40, failedDaysAgo: 41 }),
    event({ status: "dead", failedDaysAgo: 89 }),
    event({ status: "pending" }),
    event({ status: "delivered", deliveredDaysAgo: 1, failedDaysAgo: 91 }),
  ]);
  await Promise.all([
    event({ status: "delivered", deliveredDaysAgo: 31 }),
    event({ status: "dead", failedDaysAgo: 91 }),
    event({ status: "delivered", deliveredDaysAgo: 85, failedDaysAgo: 92 }),
  ]);
  const [spent, recent] = [await platform.person(), await platform.person()];
  await platform.sql`update refresh_tokens set expires_at = now() - interval '31 days' where user_id = ${spent.id}`;
  await platform.sql`update refresh_tokens set expires_at = now() - interval '29 days' where user_id = ${recent.id}`;

  const message = { messageId: "m", receiptHandle: "r", body: JSON.stringify({ armed_at: new Date().toISOString() }) };
  expect(await runBatch(sweep, [{ ...message, receiveCount: 1 }])).toMatchObject([{ isDone: true }]);

  const left = await platform.sql`select id from webhook_events order by id`;
  expect(left.map((row) => row["id"])).toEqual(kept.toSorted());
  expect(await platform.sql`select 1 from webhook_attempts`).toHaveLength(kept.length);
  const failures =
    await platform.sql`select extract(day from now() - failed_at)::int as days from webhook_failures order by days`;
  expect(failures.map((row) => row["days"])).toEqual([41, 89]);
  const owners = await platform.sql`select user_id from refresh_tokens where user_id in (${spent.id}, ${recent.id})`;
  expect(owners.map((row) => row["user_id"])).toEqual([recent.id]);
  const nothing = {
    events: 0,
    failures: 0,
    tokens: 0,
    evidence: 0,
    uploads: 0,
    avatars: 0,
    reports: 0,
    idempotency_keys: 0,
    login_addresses: 0,
    invitations: 0,
    password_resets: 0,
    quotas: 0,
    former_usernames: 0,
    sessions: 0,
    notifications: 0,
  };
  expect(await Retention.removeExpired()).toEqual(nothing);
});

test("the sweep deletes idempotency records after a day, also without further requests", async () => {
  const member = await platform.person();
  const work = { contribution_type: "custom", title: "Once" };
  for (const key of ["old-1", "old-2", "young"])
    await member.post("/v1/contributions", work, { "idempotency-key": key });
  await platform.sql`update idempotency_keys set expires_at = now() - interval '1 second' where key like 'old-%'`;
  expect(await Retention.removeExpired()).toMatchObject({ idempotency_keys: 2 });
  expect((await platform.sql`select key from idempotency_keys`).map((row) => row["key"])).toEqual(["young"]);
});

test("after seven years, retention deletes evidence with its witnesses and uploads, but no unused upload before its file", async () => {
  const member = await platform.person();
  const path = `/v1/contributions/${await contributionOf(member)}`;
  const timestamp = new Date().toISOString();
  const submit = async (body: object) => String((await member.post(`${path}/evidence`, body)).json["id"]);
  const upload = async () => {
    const photo = photograph();
    const ticket = await member.post(`${path}/uploads`, photo.declared);
    expect((await put(ticket, photo.bytes)).status).toBe(200);
    return { id: String(ticket.json["upload_id"]), hash: photo.declared.sha256 };
  };
  const photo = async () => {
    const { id, hash } = await upload();
    await submit({ evidence_type: "photo_with_timestamp", proof: { timestamp, media_hash: hash }, upload_id: id });
    return id;
  };
  const witness = () =>
    submit({ evidence_type: "witness_attestation", proof: { timestamp, witnesses: [{ witness_name: "Ibu Sari" }] } });
  const [oldPhoto, youngPhoto] = [await photo(), await photo()];
  const unused = await upload(); // the sweep deletes its file first (unused-uploads.test.ts)
  const [oldWitness, youngWitness] = [await witness(), await witness()];
  const { sql } = platform;
  await sql`update evidence set created_at = now() - interval '2558 days' where upload_id = ${oldPhoto} or id = ${oldWitness}`;
  await sql`update evidence set created_at = now() - interval '2556 days' where upload_id = ${youngPhoto} or id = ${youngWitness}`;
  await sql`update uploads set created_at = now() - interval '2558 days'`;

  expect(await Retention.removeExpired()).toMatchObject({ evidence: 2, uploads: 1 });

  expect((await sql`select id from uploads order by id`).map((row) => row["id"])).toEqual(
    [youngPhoto, unused.id].toSorted(),
  );
  expect((await sql`select evidence_id from witnesses`).map((row) => row["evidence_id"])).toEqual([youngWitness]);
  expect(await sql`select 1 from evidence`).toHaveLength(2);
  expect((await member.get(path)).json["evidence"]).toHaveLength(2);
});
