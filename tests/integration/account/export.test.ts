import { expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { examine } from "@gotong/core/domain/evidence/examine.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, photograph, put, sha256 } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
const MAX_BYTES = 1_000_000;

/** Requests all parts of an export, one after another. */
async function partsOf(member: Person): Promise<Answer[]> {
  const parts: Answer[] = [];
  for (let cursor = ""; parts.length < 100;) {
    const answer = await member.get(`/v1/me/export${cursor}`);
    expect(answer.status).toBe(200);
    parts.push(answer);
    const next: unknown = answer.json["next_cursor"]?.valueOf();
    if (typeof next !== "string") return parts;
    cursor = `?cursor=${next}`;
  }
  throw new Error("an export without an end");
}

const itemsOf = (parts: readonly Answer[], section: string): unknown[] =>
  parts.flatMap((part) => {
    const list: unknown = part.json[section];
    return Array.isArray(list) ? list : [];
  });
const idsOf = (parts: readonly Answer[], section: string) =>
  itemsOf(parts, section).map((item) => (typeof item === "object" && item !== null && "id" in item ? item.id : item));

test("the export includes evidence that others attached to the member's contributions, with links to files and thumbnails", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(member);
  const path = `/v1/contributions/${contributionId}`;
  const photo = photograph();
  const ticket = await member.post(`${path}/uploads`, photo.declared);
  await put(ticket, photo.bytes);
  const submitted = await member.post(`${path}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: photo.timestamp, media_hash: photo.declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  const evidenceId = String(submitted.json["id"]);
  await Actor.run({ type: "system", name: "test" }, Id.uuid(), () => examine(evidenceId));
  const attached = await other.post(`${path}/evidence`, {
    evidence_type: "witness_attestation",
    proof: {
      timestamp: new Date().toISOString(),
      witnesses: [{ witness_name: "Bu Sari", statement: "I saw it." }],
    },
  });
  const { json } = await member.get("/v1/me/export");
  expect(json["next_cursor"]).toBeNull();
  expect(json["evidence_received"]).toMatchObject([
    { id: attached.json["id"], submitted_by: other.id, details: { witnesses: [{ witness_name: "Bu Sari" }] } },
  ]);
  expect(json["files"]).toMatchObject([{ evidence_id: evidenceId, sha256: photo.declared.sha256 }]);
  const [file] = [json["files"]?.[0]];
  const original = new Uint8Array(await (await fetch(String(file?.["url"]))).arrayBuffer());
  expect(sha256(original)).toBe(photo.declared.sha256);
  const thumbnail = await fetch(String(file?.["thumbnail_url"]));
  expect([thumbnail.status, thumbnail.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
  expect((await other.get("/v1/me/export")).json["files"]).toEqual([]);
});

test("a large export is split into parts below 1 MB that contain every item once, in order", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const { sql } = platform;
  const words = "🌾".repeat(2_000);
  const data = JSON.stringify({ said: "x".repeat(16_000) });
  const many = 120;
  await sql`insert into contributions (id, user_id, contribution_type, title, description, metadata)
    select gen_random_uuid(), ${member.id}, 'custom', 'Many', ${words}, ${data}::text::jsonb from generate_series(1, ${many})`;
  await sql`insert into evidence (id, contribution_id, submitted_by, evidence_type, status, claimed_at, latitude, longitude, decided_at, evidence_data)
    select gen_random_uuid(), c.id, case when row_number() over () % 2 = 0 then ${member.id}::uuid else (select id from users where id <> ${member.id} limit 1) end,
      'gps_verification', 'accepted', now(), 1, 1, now(), ${data}::text::jsonb from contributions c where c.user_id = ${member.id}`;
  await sql`insert into event_subjects (subject, last_sequence) select 'many:' || n, 1 from generate_series(1, ${many}) n`;
  await sql`insert into webhook_events (id, event_type, subject, sequence, actor_id, request_id, body, created_at)
    select 'evt_' || lpad(to_hex(n), 16, '0'), 'contribution_created', 'many:' || n, 1, ${member.id}, 'r', ${'"'.repeat(20_000)},
      timestamptz '2026-01-01 00:00:00.000001Z' + n / 3 * interval '1 microsecond' from generate_series(1, ${many}) n`;
  const parts = await partsOf(member);
  expect(parts.length).toBeGreaterThan(5);
  for (const part of parts) expect(Buffer.byteLength(JSON.stringify(part.json))).toBeLessThan(MAX_BYTES);
  const expected: readonly (readonly [section: string, rows: readonly { id: unknown }[]])[] = [
    [
      "contributions",
      await sql<{ id: string }[]>`select id from contributions where user_id = ${member.id} order by id`,
    ],
    ["evidence", await sql<{ id: string }[]>`select id from evidence where submitted_by = ${member.id} order by id`],
    [
      "evidence_received",
      await sql<{ id: string }[]>`select e.id from evidence e join contributions c on c.id = e.contribution_id
        where c.user_id = ${member.id} and e.submitted_by <> ${member.id} order by c.id, e.id`,
    ],
    [
      "events",
      await sql<{ id: string }[]>`select id from webhook_events where actor_id = ${member.id} order by created_at, id`,
    ],
  ];
  for (const [section, rows] of expected) {
    expect(rows.length, section).toBeGreaterThan(50);
    expect(idsOf(parts, section), section).toEqual(rows.map(({ id }) => id));
  }
  expect(idsOf(parts, "contributions")).toContain(contributionId);
  expect(itemsOf(parts, "tasks_created")).toHaveLength(1);
});

test("the export contains the notification settings and the devices, without the devices' keys", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  await member.send("PATCH", "/v1/me/notification-settings", { time_zone: "Asia/Jayapura", quiet_hours: null });
  const endpoint = `https://fcm.googleapis.com/fcm/send/${Id.uuid()}`;
  await platform.sql`insert into push_subscriptions (id, user_id, session_id, endpoint, endpoint_hash, p256dh, auth)
    select gen_random_uuid(), user_id, id, ${endpoint}, ${sha256(Buffer.from(endpoint))}, 'public-key', 'secret-of-device'
    from sessions where user_id = ${member.id} limit 1`;
  const { json } = await member.get("/v1/me/export");
  expect(json["notification_settings"]).toMatchObject([{ time_zone: "Asia/Jayapura", quiet_from: null, choices: {} }]);
  expect(json["push_subscriptions"]).toMatchObject([{ endpoint }]);
  expect(JSON.stringify(json)).not.toContain("secret-of-device");
  const { json: none } = await other.get("/v1/me/export");
  expect([none["notification_settings"], none["push_subscriptions"]]).toEqual([[], []]);
});

test("an export cursor that the API did not issue is rejected", async () => {
  const member = await platform.person();
  const cursor = (...parts: readonly string[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
  for (const bad of [
    "x",
    cursor("tasks", Id.uuid()),
    cursor("export", "passwords", Id.uuid()),
    cursor("export", "events", Id.uuid()),
    cursor("export", "evidence_received", Id.uuid()),
    cursor("export", "evidence", "' or true --"),
  ])
    expect(problem(await member.get(`/v1/me/export?cursor=${bad}`)), bad).toBe("400 VALIDATION_FAILED cursor:format");
  expect(problem(await member.get("/v1/me/export?part=2"))).toBe("400 VALIDATION_FAILED part:unknown_field");
});
