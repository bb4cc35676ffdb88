import { randomBytes } from "node:crypto";
import sharp from "sharp";
import * as v from "valibot";
import { afterEach, expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Erasure } from "@gotong/core/domain/account/erasure/index.ts";
import * as EvidenceSchema from "@gotong/core/domain/evidence/schema.ts";
import { examine } from "@gotong/core/domain/evidence/examine.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { freshPassword, taskInput } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, put, sha256 } from "../../harness/scenes.ts";

// The platform starts no workers, since each test itself runs the erasure.
const platform = usePlatform({ workers: false });
let restoreClock: (() => void) | undefined;
afterEach(() => {
  restoreClock?.();
  restoreClock = undefined;
});

const asSystem = <T>(work: () => Promise<T>) => Actor.run({ type: "system", name: "test" }, Id.uuid(), work);
const later = (minutes: number) => {
  restoreClock?.();
  const ahead = minutes * 60_000;
  restoreClock = Clock.set(() => new Date(Date.now() + ahead));
};

/**
 * Unique words and coordinates, each planted in one field of the member's data: a value that the database still
 * contains after the deletion was not erased.
 */
class Canaries {
  readonly #planted = new Map<string, string>();
  /** For each field, the columns that may still contain its value after the deletion, and the reason. */
  readonly allowed = new Map<string, readonly [columns: readonly string[], why: string]>();

  plant(field: string): string {
    const word = `canary${randomBytes(8).toString("hex")}`;
    this.#planted.set(field, word);
    return word;
  }
  note(field: string, value: string): string {
    this.#planted.set(field, value);
    return value;
  }
  allow(field: string, columns: readonly string[], why: string): void {
    this.allowed.set(field, [columns, why]);
  }
  get fields(): readonly (readonly [field: string, value: string])[] {
    return [...this.#planted];
  }
}

/** Every value of every column of every table, as a string. */
async function* wholeDatabase(): AsyncGenerator<readonly [column: string, text: string]> {
  const columns = await platform.sql`select table_name, column_name from information_schema.columns
    where table_schema = 'public' order by table_name, ordinal_position`;
  for (const { table_name: table, column_name: column } of columns) {
    const rows =
      await platform.sql`select ${platform.sql(String(column))}::text as text from ${platform.sql(String(table))}`;
    yield [`${String(table)}.${String(column)}`, rows.map((row) => String(row["text"])).join("\n")];
  }
}

/** Searches the whole database for the planted values. @returns each field whose value was found, with the column */
async function traces(canaries: Canaries): Promise<(readonly [field: string, column: string])[]> {
  const found: (readonly [string, string])[] = [];
  for await (const [column, text] of wholeDatabase())
    for (const [field, value] of canaries.fields)
      if (text.toLowerCase().includes(value.toLowerCase())) found.push([field, column]);
  return found;
}

async function wholeBucket(): Promise<string[]> {
  const { sdk, client } = await Storage.open();
  const { S3_BUCKET: Bucket } = Config.section("storage");
  const { Contents = [] } = await client.send(new sdk.ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key }) => Key ?? "");
}

/** Coordinates whose digits occur in no other number of the test. */
const place = () => ({
  lat:
    -6 -
    Number(
      `0.${1 + (randomBytes(4).readUInt32BE() % 8)}${String(randomBytes(4).readUInt32BE()).padStart(10, "7")}`.slice(
        0,
        9,
      ),
    ),
  lon: 107.5,
});

async function photo(exifPlace: string): Promise<{ bytes: Uint8Array<ArrayBuffer>; at: string }> {
  const noise = { type: "gaussian" as const, mean: 128, sigma: 30 };
  const bytes = await sharp({ create: { width: 800, height: 600, channels: 3, background: "#777", noise } })
    .withExif({
      IFD0: { Make: exifPlace },
      IFD3: {
        GPSLatitudeRef: "S",
        GPSLatitude: "6/1 54/1 5292/100",
        GPSLongitudeRef: "E",
        GPSLongitude: "107/1 36/1 0/1",
      },
    })
    .jpeg({ quality: 90 })
    .toBuffer();
  return { bytes: new Uint8Array(bytes), at: new Date().toISOString() };
}

/**
 * Uploads and submits a picture.
 * @returns the id of the evidence
 */
async function submitPhoto(member: Person, contributionId: string, canaries: Canaries): Promise<string> {
  const { bytes, at } = await photo(canaries.plant("EXIF, camera"));
  const path = `/v1/contributions/${contributionId}`;
  const ticket = await member.post(`${path}/uploads`, {
    file_name: `${canaries.plant("file_name of a picture")}.jpg`,
    content_type: "image/jpeg",
    size_bytes: bytes.length,
    sha256: sha256(bytes),
  });
  expect((await put(ticket, bytes)).status).toBe(200);
  const submitted = await member.post(`${path}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: at, media_hash: sha256(bytes) },
    evidence_data: { said: canaries.plant("evidence_data of a picture") },
    upload_id: ticket.json["upload_id"],
  });
  expect(submitted.status).toBe(202);
  return String(submitted.json["id"]);
}

/**
 * An exception from the erasure: sent events stay byte for byte as written, and are removed 30 days after their
 * delivery.
 */
const EVENTS = ["webhook_events.body"];

test("after an account's deletion, tables and objects contain the member's data only where a listed exception allows it", async () => {
  const canaries = new Canaries();
  const word = (field: string) => canaries.plant(field);
  const [other, owner] = [await platform.person(), await platform.person()];
  const account = {
    username: `u-${randomBytes(6).toString("hex")}`,
    email: `m.${randomBytes(6).toString("hex")}@example.org`,
    password: freshPassword(),
  };
  canaries.note("username", account.username);
  canaries.note("e-mail address", account.email);
  const key = { "idempotency-key": randomBytes(12).toString("hex") };
  const registered = await platform.request("POST", "/v1/auth/register", { body: account, headers: key });
  expect(registered.status).toBe(201);
  const [id, token] = [String(registered.json["user"]?.["id"]), String(registered.json["access_token"])];
  const send = (method: string, path: string, body?: unknown) => platform.request(method, path, { token, body });
  const member: Person = {
    ...account,
    id,
    token,
    refreshToken: String(registered.json["refresh_token"]),
    get: (path) => send("GET", path),
    post: (path, body, headers) => platform.request("POST", path, { token, body, ...(headers ? { headers } : {}) }),
    send,
  };
  await platform.sql`update users set roles = array['contributor', 'verifier'] where id = ${id}`;
  await send("PATCH", "/v1/me", {
    bio: word("bio"),
    display_name: word("display_name"),
    location: word("location of a member"),
  });

  const task = (prefix: string) => ({
    title: word(`title of ${prefix}`),
    description: word(`description of ${prefix}`),
    difficulty: "easy",
    location: word(`location of ${prefix}`),
    coordinates: place(),
    metadata: { [word(`key in metadata of ${prefix}`)]: word(`value in metadata of ${prefix}`) },
  });
  const make = async (person: Person, body: object) =>
    `/v1/tasks/${String((await person.post("/v1/tasks", body)).json["id"])}`;
  await make(member, task("an open task"));
  const ownTask = await make(member, task("a task of one's own"));
  const othersWork = await make(member, task("a task that another does"));
  for (const [person, path] of [
    [member, ownTask],
    [other, othersWork],
  ] as const)
    for (const step of ["claim", "start", "complete"]) await person.post(`${path}/${step}`);
  for (const field of ["title", "description"])
    canaries.allow(
      `${field} of a task that another does`,
      [
        "tasks.title",
        "tasks.description",
        "tasks.search",
        "contributions.title",
        "contributions.description",
        "webhook_events.body",
      ],
      "what somebody else was asked to do, and did, is part of their contribution",
    );
  const others = await make(owner, taskInput({ title: "Of another" }));
  for (const step of ["claim", "start"]) await member.post(`${others}/${step}`);
  await member.post(`${others}/complete`, {
    title: word("title of a completion"),
    description: word("description of a completion"),
    metadata: { said: word("metadata of a completion") },
  });
  const direct = await member.post(
    "/v1/contributions",
    {
      contribution_type: "custom",
      title: word("title of a contribution"),
      description: word("description of a contribution"),
      metadata: { said: word("metadata of a contribution") },
    },
    { "idempotency-key": randomBytes(12).toString("hex") },
  );
  const contributionId = String(direct.json["id"]);
  const evidencePath = `/v1/contributions/${contributionId}/evidence`;
  const pictureId = await submitPhoto(member, contributionId, canaries);
  expect(await asSystem(() => examine(pictureId))).toBe("accepted");
  const waitingId = await submitPhoto(member, contributionId, canaries);
  await member.post(`/v1/contributions/${contributionId}/uploads`, {
    file_name: `${word("file_name of an upload that was never sent")}.jpg`,
    content_type: "image/jpeg",
    size_bytes: 60_000,
    sha256: sha256(randomBytes(8)),
  });
  const reading = place();
  canaries.note("latitude of a reading", String(reading.lat));
  const now = new Date().toISOString();
  const gps = await member.post(evidencePath, {
    evidence_type: "gps_verification",
    proof: { timestamp: now, location: reading, accuracy_meters: 5, altitude_meters: 777.7123 },
    evidence_data: { said: word("evidence_data of a reading") },
  });
  expect(gps.status).toBe(201);
  const attestation = (names: object[]) => ({
    evidence_type: "witness_attestation",
    proof: { timestamp: new Date().toISOString(), witnesses: names },
  });
  const attested = await member.post(
    evidencePath,
    attestation([{ witness_name: word("name of a witness"), statement: word("statement of a witness") }]),
  );
  expect(attested.status).toBe(201);
  const theirs = `/v1/contributions/${await contributionOf(other)}`;
  await member.post(
    `${theirs}/evidence`,
    attestation([{ witness_name: word("a witness for another"), witness_id: owner.id }]),
  );
  const named = await other.post(
    `${theirs}/evidence`,
    attestation([
      { witness_name: account.username.toUpperCase(), statement: word("statement of the member, without an id") },
      {
        witness_name: word("the member's name, with an id"),
        witness_id: id,
        statement: word("statement of the member"),
      },
    ]),
  );
  expect(named.status).toBe(201);
  const judged = `/v1/contributions/${await contributionOf(other)}`;
  await member.post(`${judged}/verifications`, { outcome: "approved", notes: word("notes of a vote") });
  const withdraw = async (contribution: string, by: Person, submitter: Person, why: string) => {
    const piece = await submitter.post(`${contribution}/evidence`, attestation([{ witness_name: "Ibu Sari" }]));
    const path = `/v1/evidence/${String(piece.json["id"])}/withdraw`;
    expect((await by.post(path, { reason: why })).status).toBe(200);
  };
  const ownPath = `/v1/contributions/${contributionId}`;
  await withdraw(ownPath, member, member, word("why the member withdrew a piece"));
  await withdraw(ownPath, member, other, word("why the member withdrew another's piece"));
  await withdraw(theirs, member, member, word("why the member withdrew a piece about another"));
  await withdraw(theirs, other, member, word("why another withdrew the member's piece"));
  const verifier = await platform.person(["verifier"]);
  await verifier.post(`/v1/contributions/${contributionId}/verifications`, {
    outcome: "approved",
    notes: `Well done, ${word("notes about the member")}`,
  });
  await member.post("/v1/vouches", { vouchee_id: other.id, message: word("message of a vouch") });
  await other.post("/v1/vouches", { vouchee_id: id, message: word("message of a vouch about the member") });
  const admin = await platform.person(["admin"]);
  const report = (person: Person, path: string, field: string) =>
    person.post(`${path}/reports`, { reason: "abuse", details: word(field) });
  for (const path of [ownTask, `/v1/evidence/${waitingId}`]) {
    const underAdmin = path.replace("/v1/", "/v1/admin/");
    await admin.post(`${underAdmin}/hide`, { reason: word(`why ${path} was hidden`) });
    canaries.allow(`why ${path} was hidden`, ["audit_log.details"], "the audit log tells what admins did, and why");
  }
  await withdraw(theirs, admin, member, word("why an admin withdrew the member's piece"));
  canaries.allow("why an admin withdrew the member's piece", ["audit_log.details"], "as why something was hidden");
  await report(member, theirs, "report of another");
  await report(other, `/v1/users/${id}`, "report of the member");
  const resolved = await report(other, `/v1/contributions/${contributionId}`, "report of a contribution");
  await admin.post(`/v1/admin/reports/${String(resolved.json["id"])}/resolve`, {
    outcome: "warned",
    note: word("note about a report of a contribution"),
  });
  await send("PATCH", "/v1/me/notification-settings", { time_zone: "Asia/Jayapura" });
  await platform.sql`insert into push_subscriptions (id, user_id, session_id, endpoint, endpoint_hash, p256dh, auth)
    select gen_random_uuid(), user_id, id, ${`https://fcm.googleapis.com/${word("address of a device")}`},
      ${randomBytes(32).toString("hex")}, ${word("key of a device")}, ${word("secret of a device")} from sessions where user_id = ${id} limit 1`;
  const settings = () => platform.sql`select time_zone from notification_settings where user_id = ${id}`;
  expect(await settings()).toHaveLength(1);
  const before = (await verifier.get(`/v1/contributions/${contributionId}`)).json;

  const planted = new Set((await traces(canaries)).map(([field]) => field));
  const inFiles = (field: string) => field.startsWith("EXIF");
  expect(canaries.fields.filter(([field]) => !planted.has(field) && !inFiles(field))).toEqual([]);

  expect((await member.send("DELETE", "/v1/me", { password: member.password })).status).toBe(204);
  expect(await asSystem(() => Erasure.work(id))).toBe("later");
  expect((await wholeBucket()).filter((name) => name.includes(id)).length).toBeGreaterThan(0);
  later(11);
  expect(await asSystem(() => Erasure.work(id))).toBe("done");

  const isAllowed = ([field, column]: readonly [string, string]) =>
    (canaries.allowed.get(field)?.[0] ?? EVENTS).includes(column);
  expect((await traces(canaries)).filter((trace) => !isAllowed(trace))).toEqual([]);
  expect(await settings()).toHaveLength(0);
  const objects = await wholeBucket();
  expect(objects.filter((name) => [id, pictureId, waitingId].some((trace) => name.includes(trace)))).toEqual([]);

  // The audit trail stays: the contribution's type, its verification, and its accepted evidence.
  const after = (await verifier.get(`/v1/contributions/${contributionId}`)).json;
  for (const kept of ["user_id", "contribution_type", "created_at", "quality_score", "verification_status"])
    expect(after[kept], kept).toEqual(before[kept]);
  expect(after["title"]).toBe("Contribution of a deleted member");
  const picture = (await verifier.get(`/v1/evidence/${pictureId}`)).json;
  expect(picture).toMatchObject({ status: "accepted", media_hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(problem(await verifier.get(`/v1/evidence/${pictureId}/download`))).toBe("404 NOT_FOUND");
  const [waiting] = await platform.sql`select refusal_code from evidence where id = ${waitingId}`;
  expect(waiting).toEqual({ refusal_code: "MEMBER_DELETED" });
  expect((await other.get(othersWork)).json["title"]).toBe(
    canaries.fields.find(([field]) => field === "title of a task that another does")?.[1],
  );
  const audited =
    await platform.sql`select action from audit_log where target_id = ${id} and action like 'user.%' order by id`;
  expect(audited.map((row) => row["action"]).slice(-2)).toEqual(["user.delete", "user.erase"]);
  // A stored response for an idempotency key does not contain the member's data either.
  const replayed = await platform.request("POST", "/v1/auth/register", { body: account, headers: key });
  expect(replayed.headers.get("idempotency-replayed")).toBeNull();
});

test("a large erasure runs in several transactions, and the sweep resumes the erasure if its message is lost", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  await platform.sql`insert into contributions (id, user_id, contribution_type, title)
    select gen_random_uuid(), ${member.id}, 'custom', 'canary of many' from generate_series(1, 450)`;
  await member.send("DELETE", "/v1/me", { password: member.password });
  expect(await Erasure.enqueueOverdue()).toEqual({ sent: 0, more: true });
  later(3);
  expect(await asSystem(() => Erasure.enqueueOverdue())).toEqual({ sent: 1, more: true });
  expect(await asSystem(() => Erasure.work(member.id))).toBe("later");
  const [left] = await platform.sql`select count(*)::int as count from contributions where title = 'canary of many'`;
  expect(left).toEqual({ count: 0 });
  const stamps = await platform.sql`select distinct xmin::text from contributions where user_id = ${member.id}`;
  expect(stamps.length).toBeGreaterThanOrEqual(3);
  later(15);
  expect(await asSystem(() => Erasure.work(member.id))).toBe("done");
  expect(await asSystem(() => Erasure.work(member.id))).toBe("done");
  expect((await Erasure.enqueueOverdue()).more).toBe(false);
  expect(contributionId).toBeDefined();
});

test("the deletion of an account aborts the member's unfinished uploads in parts", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const bytes = randomBytes(60_000);
  const hash = sha256(bytes);
  const declared = { file_name: "a.jpg", content_type: "image/jpeg", size_bytes: bytes.length, sha256: hash };
  const ticket = await member.post(`/v1/contributions/${contributionId}/uploads`, declared);
  const path = `/v1/uploads/${String(ticket.json["upload_id"])}/parts`;
  const { json } = await member.post(path, { parts: [{ part_number: 1, sha256: hash }] });
  const [part] = v.parse(EvidenceSchema.UploadParts, json).parts;
  const send = () => fetch(part?.url ?? "", { method: "PUT", headers: part?.headers ?? {}, body: bytes });
  expect((await send()).status).toBe(200);
  await member.send("DELETE", "/v1/me", { password: member.password });
  later(11);
  expect(await asSystem(() => Erasure.work(member.id))).toBe("done");
  later(0);
  expect((await send()).status).toBe(404);
});
