import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Markov, startMarkov } from "@gotong/local/markov/server.ts";

const [today, former, token] = [
  randomBytes(24).toString("hex"),
  randomBytes(24).toString("hex"),
  randomBytes(24).toString("hex"),
];
const dir = mkdtempSync(join(tmpdir(), "gotong-markov-"));
const stateFile = join(dir, "markov.jsonl");
let markov: Markov;

beforeAll(async () => {
  markov = await startMarkov({ port: 0, secrets: [today, former], token, stateFile });
});
afterAll(async () => {
  await markov.stop();
  rmSync(dir, { recursive: true });
});

const eventId = () => `evt_${randomBytes(8).toString("hex")}`;
const userId = randomUUID();
const created = (contributionId: string, id = eventId()) => ({
  event_id: id,
  event_type: "contribution_created",
  timestamp: new Date().toISOString(),
  actor: { user_id: userId, username: "sari" },
  subject: { contribution_id: contributionId, contribution_type: "custom", title: "t" },
});
const gps = (contributionId: string) => ({
  ...created(contributionId),
  event_type: "por_evidence",
  subject: { contribution_id: contributionId, evidence_type: "gps_verification", evidence_data: {} },
  proof: { timestamp: new Date().toISOString(), location: { lat: 1, lon: 2 } },
});

interface Change {
  secret?: string;
  at?: number;
  id?: string;
  headers?: Record<string, string>;
  raw?: string;
}

/** Sends an event signed as both schemes define it, without the platform's code. */
async function send(event: { event_id: string } & Record<string, unknown>, change: Change = {}): Promise<string> {
  const body = change.raw ?? JSON.stringify(event);
  const secret = change.secret ?? today;
  const at = String(change.at ?? Math.floor(Date.now() / 1000));
  const id = change.id ?? event.event_id;
  const response = await fetch(`${markov.url}/v1/platforms/gotong_royong/webhook`, {
    method: "POST",
    headers: {
      "x-gr-signature": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
      "webhook-id": id,
      "webhook-timestamp": at,
      "webhook-signature": `v1,${createHmac("sha256", secret).update(`${id}.${at}.${body}`).digest("base64")}`,
      "x-gr-subject": `contribution:${randomUUID()}`,
      "x-gr-sequence": "1",
      ...change.headers,
    },
    body,
  });
  const answer = JSON.stringify(await response.json());
  return `${response.status} ${answer}`;
}

test("Markov's double verifies both signatures over the raw bytes, with either of two secrets", async () => {
  expect(await send(created(randomUUID()))).toContain("200");
  expect(await send(created(randomUUID()), { secret: former })).toContain("200");
  expect(await send(created(randomUUID()), { secret: randomBytes(24).toString("hex") })).toBe(
    '401 {"error":"bad_x_gr_signature"}',
  );
  expect(await send(created(randomUUID()), { headers: { "x-gr-signature": "sha256=00" } })).toBe(
    '401 {"error":"bad_x_gr_signature"}',
  );
  expect(await send(created(randomUUID()), { headers: { "webhook-signature": "v1,AAAA" } })).toBe(
    '401 {"error":"bad_webhook_signature"}',
  );
  const two = createHmac("sha256", randomBytes(8)).update("x").digest("base64");
  const event = created(randomUUID());
  const at = Math.floor(Date.now() / 1000);
  const right = createHmac("sha256", today)
    .update(`${event.event_id}.${at}.${JSON.stringify(event)}`)
    .digest("base64");
  expect(await send(event, { at, headers: { "webhook-signature": `v1,${two} v1,${right}` } })).toContain("200");
});

test("Markov's double rejects an attempt whose timestamp is more than five minutes off, whatever its signature", async () => {
  const now = Math.floor(Date.now() / 1000);
  for (const at of [now - 310, now + 310])
    expect(await send(created(randomUUID()), { at })).toBe('401 {"error":"stale_timestamp"}');
  for (const at of [now - 290, now + 290]) expect(await send(created(randomUUID()), { at })).toContain("200");
});

test("Markov's double drops a duplicate event_id, and rejects evidence of an unknown contribution", async () => {
  const contributionId = randomUUID();
  expect(await send(gps(contributionId))).toBe('422 {"error":"unknown_contribution"}');
  const event = created(contributionId);
  expect(await send(event)).toBe('200 {"status":"accepted"}');
  expect(await send(event)).toBe('200 {"status":"duplicate"}');
  expect(await send(gps(contributionId))).toBe('200 {"status":"accepted"}');
  expect(markov.ledger.about(contributionId)).toHaveLength(2);
});

test("Markov's double rejects malformed, unknown and mislabelled payloads", async () => {
  expect(await send(created(randomUUID()), { raw: "{" })).toBe('400 {"error":"malformed_json"}');
  expect(await send({ ...created(randomUUID()), event_type: "gossip" })).toBe('422 {"error":"invalid_payload"}');
  expect(await send({ ...created(randomUUID()), extra: 1 })).toBe('422 {"error":"invalid_payload"}');
  expect(await send(created(randomUUID()), { id: eventId() })).toBe('422 {"error":"id_mismatch"}');
  expect(await send(created(randomUUID()), { raw: JSON.stringify({ a: "x".repeat(1_000_001) }) })).toBe(
    '413 {"error":"too_large"}',
  );
});

test("Markov's double returns a reputation computed from events, requires the token, and answers 404 for an unknown member", async () => {
  const ask = async (id: string, bearer = token) => {
    const response = await fetch(`${markov.url}/v1/users/gotong_royong:${id}/reputation`, {
      headers: { authorization: `Bearer ${bearer}` },
    });
    return { status: response.status, body: await response.json() };
  };
  expect((await ask(userId, "wrong")).status).toBe(401);
  expect((await ask(randomUUID())).status).toBe(404);
  const { body } = await ask(userId);
  expect(body).toMatchObject({ user_id: `gotong_royong:${userId}`, vouches_received: 0, skills: [] });
});

test("Markov's double fails for the configured number of requests", async () => {
  const fault = (body: unknown) =>
    fetch(`${markov.url}/__double/faults`, { method: "POST", body: JSON.stringify(body) });
  expect((await fault({ count: 2, status: 503, retry_after: "9" })).status).toBe(201);
  expect((await fault({ count: 0 })).status).toBe(422);
  const event = created(randomUUID());
  expect([await send(event), await send(event), await send(event)].map((answer) => answer.slice(0, 3))).toEqual([
    "503",
    "503",
    "200",
  ]);
  await fault({ count: 1, reset: true, after_work: true });
  const lost = created(randomUUID());
  await expect(send(lost)).rejects.toThrow();
  expect(await send(lost)).toBe('200 {"status":"duplicate"}');
});

test("Markov's double keeps its state across a restart, even after a torn last line", async () => {
  const event = created(randomUUID());
  await send(event);
  await markov.stop();
  writeFileSync(stateFile, `${readFileSync(stateFile, "utf8")}{"received_at":"2026`);
  markov = await startMarkov({ port: 0, secrets: [today], token, stateFile });
  expect(await send(event)).toBe('200 {"status":"duplicate"}');
});
