import { randomBytes, randomUUID } from "node:crypto";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Ledger } from "./ledger.ts";
import type { Payload } from "./payload.ts";

const dir = mkdtempSync(join(tmpdir(), "gotong-ledger-"));
afterAll(() => rmSync(dir, { recursive: true }));

const stateFile = () => join(dir, randomUUID());
const timestamp = "2026-01-01T00:00:00.000Z";
const envelope = (userId: string) => ({
  event_id: `evt_${randomBytes(8).toString("hex")}`,
  timestamp,
  actor: { user_id: userId, username: "sari" },
});
const created = (userId: string, contributionId: string): Payload => ({
  ...envelope(userId),
  event_type: "contribution_created",
  subject: { contribution_id: contributionId, contribution_type: "custom", title: "Clear the drain" },
});
const evidence = {
  gps: (userId: string, contribution_id: string): Payload => ({
    ...envelope(userId),
    event_type: "por_evidence",
    subject: { contribution_id, evidence_type: "gps_verification", evidence_data: {} },
    proof: { timestamp, location: { lat: -6.9147, lon: 107.6098 } },
  }),
  witness: (userId: string, contribution_id: string): Payload => ({
    ...envelope(userId),
    event_type: "por_evidence",
    subject: { contribution_id, evidence_type: "witness_attestation", evidence_data: {} },
    proof: { timestamp, witnesses: [{ witness_name: "Ibu Sari" }] },
  }),
  photo: (userId: string, contribution_id: string): Payload => ({
    ...envelope(userId),
    event_type: "por_evidence",
    subject: { contribution_id, evidence_type: "photo_with_timestamp", evidence_data: {} },
    proof: { timestamp, media_hash: "0".repeat(64) },
  }),
};
const vouch = (vouchee_id: string, weight_hint: "strong" | "moderate" | "light"): Payload => ({
  ...envelope(randomUUID()),
  event_type: "vouch_submitted",
  subject: { vouchee_id, weight_hint },
});

function add(ledger: Ledger, payload: Payload, subject = "contribution:1", sequence = 1): void {
  ledger.add({ received_at: timestamp, request_id: "", subject, sequence, body: JSON.stringify(payload) }, payload);
}

test("an event that Markov's double appends after a truncated last line survives a restart", () => {
  const file = stateFile();
  const [before, after] = [created(randomUUID(), randomUUID()), created(randomUUID(), randomUUID())];
  add(new Ledger(file), before);
  appendFileSync(file, '{"received_at":"2026');
  add(new Ledger(file), after);
  const restarted = new Ledger(file);
  expect([restarted.has(before.event_id), restarted.has(after.event_id)]).toEqual([true, true]);
});

test("Markov's double skips a stored line of an older version, and loads later events", () => {
  const file = stateFile();
  const event = created(randomUUID(), randomUUID());
  appendFileSync(
    file,
    `${JSON.stringify({ received_at: timestamp, request_id: "", subject: "", sequence: 1, body: '{"old":1}' })}\n`,
  );
  add(new Ledger(file), event);
  expect(new Ledger(file).events.map(({ body }) => body)).toEqual([JSON.stringify(event)]);
});

test("Markov's double counts a missing or late event as a gap in the sequence of that event's subject only", () => {
  const ledger = new Ledger();
  for (const [subject, sequence] of [
    ["a", 1],
    ["b", 1],
    ["a", 2],
  ] as const)
    add(ledger, created(randomUUID(), randomUUID()), subject, sequence);
  expect(ledger.gaps).toBe(0);
  add(ledger, created(randomUUID(), randomUUID()), "a", 4);
  expect(ledger.gaps).toBe(1);
});

test("Markov's double scores 10 per contribution and 5 per piece of evidence, times 1, 1.2 or 1.5 by the number of types, plus 3, 2 or 1 per vouch", () => {
  const [user, contribution] = [randomUUID(), randomUUID()];
  const ledger = new Ledger();
  const score = () => ledger.reputation(user)?.reputation_score;
  expect(score()).toBeUndefined();
  add(ledger, created(user, contribution));
  expect(score()).toBe(10);
  add(ledger, evidence.gps(user, contribution));
  expect(score()).toBe(15);
  add(ledger, evidence.gps(user, contribution));
  expect(score()).toBe(20);
  add(ledger, evidence.witness(user, contribution));
  expect(score()).toBe(30);
  add(ledger, evidence.photo(user, contribution));
  expect(score()).toBe(45);
  for (const weight of ["strong", "moderate", "light"] as const) add(ledger, vouch(user, weight));
  expect(score()).toBe(51);
  expect(ledger.reputation(user)).toMatchObject({ contributions_count: 1, vouches_received: 3, tier: "silver" });
});
