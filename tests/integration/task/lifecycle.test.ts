import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { Delivery } from "@gotong/core/webhook/index.ts";
import { SECRETS, usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph, put, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: true });

test("a task completed, proven in three ways and approved by three votes is verified, and Markov has its events in order", async () => {
  const [member, neighbour] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(member, neighbour);
  const path = `/v1/contributions/${contributionId}`;
  const photo = photograph();

  const ticket = await member.post(`${path}/uploads`, photo.declared);
  expect(ticket.status).toBe(201);
  expect(Object.keys(ticket.json).toSorted()).toEqual([
    "expires_at",
    "headers",
    "method",
    "part_size_bytes",
    "upload_id",
    "url",
  ]);
  expect((await put(ticket, photo.bytes)).status).toBe(200);
  const submitted = await member.post(`${path}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: photo.timestamp, media_hash: photo.declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  expect([submitted.status, submitted.json["status"]]).toEqual([202, "examining"]);
  const gps = await member.post(`${path}/evidence`, {
    evidence_type: "gps_verification",
    proof: { timestamp: photo.timestamp, location: { lat: -6.9147, lon: 107.6098 }, accuracy_meters: 5 },
  });
  expect([gps.status, gps.json["status"]]).toEqual([201, "accepted"]);
  const witness = await member.post(`${path}/evidence`, {
    evidence_type: "witness_attestation",
    proof: { timestamp: photo.timestamp, witnesses: [{ witness_name: "Ibu Sari", relationship: "beneficiary" }] },
  });
  expect([witness.status, witness.json["status"]]).toEqual([201, "accepted"]);
  const examined = await until(
    () => member.get(`/v1/evidence/${String(submitted.json["id"])}`),
    (answer) => String(answer.json["status"]) !== "examining",
  );
  expect([examined.json["status"], examined.json["details"]?.["findings"]]).toEqual(["accepted", []]);

  const decisions: unknown[] = [];
  for (let votes = 0; votes < 3; votes += 1) {
    const verifier = await platform.person(["verifier"]);
    decisions.push((await verifier.post(`${path}/verifications`, { outcome: "approved" })).json["verification_status"]);
  }
  expect(decisions).toEqual(["pending", "pending", "verified"]);
  const whole = await member.get(path);
  expect(whole.json).toMatchObject({
    verification_status: "verified",
    quality_score: 1,
    reputation_multiplier: 1.5,
    user_id: member.id,
  });

  const received = await until(
    () => platform.markov.ledger.about(contributionId),
    (events) => events.length >= 4,
  );
  expect(received.map((event) => event.sequence)).toEqual([1, 2, 3, 4]);
  const stored =
    await platform.sql`select body, id, request_id from webhook_events where subject = ${`contribution:${contributionId}`} order by sequence`;
  expect(received.map((event) => event.body)).toEqual(stored.map((row) => row["body"]));
  expect(received.map((event) => event.request_id)).toEqual(stored.map((row) => row["request_id"]));
  expect([platform.markov.ledger.gaps, platform.markov.tally.get("accepted")]).toEqual([0, 4]);

  const delivered = await until(
    () => platform.sql`select id from webhook_events where status = 'delivered' and attempts = 1`,
    (rows) => rows.length === 4,
  );
  expect(delivered).toHaveLength(4);
  const reputation = await member.get(`/v1/users/${member.id}/reputation`);
  expect(reputation.json).toMatchObject({
    user_id: member.id,
    stale: false,
    reputation: { reputation_score: 37.5, tier: "silver", contributions_count: 1 },
  });
});

test("when Markov is unavailable, a reputation is null if never known, else the last value marked stale", async () => {
  const member = await platform.person();
  const path = `/v1/users/${member.id}/reputation`;
  platform.markov.misbehave({ count: 1, path: "reputation", status: 500 });
  expect((await member.get(path)).json).toEqual({
    user_id: member.id,
    reputation: null,
    stale: false,
    age_seconds: null,
  });
  await platform.sql`insert into reputation_cache (user_id, reputation, fetched_at) values (${member.id}, ${platform.sql.json({ reputation_score: 7, tier: "bronze", contributions_count: 1, vouches_received: 0, skills: [] })}, now() - interval '1 hour')`;
  platform.markov.misbehave({ count: 1, path: "reputation", reset: true });
  const stale = await member.get(path);
  expect(stale.json).toMatchObject({ stale: true, reputation: { reputation_score: 7 } });
  expect(Number(stale.json["age_seconds"])).toBeGreaterThanOrEqual(3600);
});

test("webhook signatures of both schemes match vectors computed from their definitions", () => {
  const [body, id, at] = ['{"a":1}', "evt_0123456789abcdef", 1_700_000_000];
  const hmac = (text: string) => createHmac("sha256", SECRETS.GOTONG_ROYONG_WEBHOOK_SECRET).update(text);
  expect(Delivery.signatureHeaders(body, id, new Date(at * 1000), [SECRETS.GOTONG_ROYONG_WEBHOOK_SECRET])).toEqual({
    "X-GR-Signature": `sha256=${hmac(body).digest("hex")}`,
    "webhook-id": id,
    "webhook-timestamp": String(at),
    "webhook-signature": `v1,${hmac(`${id}.${at}.${body}`).digest("base64")}`,
  });
});
