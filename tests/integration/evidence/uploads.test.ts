import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterEach, expect, test } from "vitest";
import * as EvidenceSchema from "@gotong/core/domain/evidence/schema.ts";
import { examine } from "@gotong/core/domain/evidence/examine.ts";
import { UnusedUploads } from "@gotong/core/domain/evidence/unused-uploads.ts";
import { UploadParts } from "@gotong/core/domain/evidence/upload-parts.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { Multipart, Storage } from "@gotong/core/platform/storage/index.ts";
import { runBatch } from "@gotong/workers/batch.ts";
import { evidence } from "@gotong/workers/evidence/process.ts";
import { sweep } from "@gotong/workers/sweep/process.ts";
import { mp4 } from "../../harness/files.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, photograph, put, sha256, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
const limit = (uploads: number) =>
  Config.use({ ...platform.variables, UPLOAD_LIMIT_PER_HOUR: String(uploads), RATE_LIMIT_PER_MINUTE: "1000000" });
afterEach(() => Config.use(platform.variables));

const ask = (member: Person, contributionId: string, body: object = photograph().declared, key?: string) =>
  member.post(`/v1/contributions/${contributionId}/uploads`, body, key === undefined ? {} : { "idempotency-key": key });
const limitHeaders = ({ headers }: Answer) => `${headers.get("ratelimit-policy")} ${headers.get("ratelimit")}`;
const statuses = (answers: readonly Answer[]) =>
  Object.fromEntries([...Map.groupBy(answers, ({ status }) => status)].map(([status, of]) => [status, of.length]));

test("rejected upload requests do not use up the quota: after 30 of them a member still gets all uploads of the hour", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  limit(3);
  for (let tries = 0; tries < 10; tries += 1) {
    expect((await ask(member, contributionId, { ...photograph().declared, size_bytes: -1 })).status).toBe(400);
    expect((await ask(member, randomUUID())).status).toBe(404);
    expect((await ask(member, contributionId, {}, `refused-${tries}`)).status).toBe(400);
  }
  const granted = [];
  for (let tries = 0; tries < 4; tries += 1) granted.push(await ask(member, contributionId));
  expect(granted.map(({ status }) => status)).toEqual([201, 201, 201, 429]);
  expect(granted.map(limitHeaders)).toEqual([
    expect.stringMatching(/^"uploads";q=3;w=3600 "uploads";r=2;t=3\d{3}$/),
    expect.stringMatching(/^"uploads";q=3;w=3600 "uploads";r=1;t=3\d{3}$/),
    expect.stringMatching(/^"uploads";q=3;w=3600 "uploads";r=0;t=3\d{3}$/),
    expect.stringMatching(/^"uploads";q=3;w=3600 "uploads";r=0;t=3\d{3}$/),
  ]);
  const [, , , refused] = granted;
  expect(Math.abs(Number(refused?.headers.get("retry-after")) - 3600)).toBeLessThan(100);
  expect(limitHeaders(await ask(member, randomUUID()))).toMatch(/"uploads";r=0;/);
});

test("exactly ten of 50 concurrent upload requests succeed if the quota is ten", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  limit(10);
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(member, contributionId)));
  expect(statuses(answers)).toEqual({ 201: 10, 429: 40 });
  expect(problem(await ask(member, contributionId))).toBe("429 RATE_LIMITED");
});

test("50 concurrent upload requests with ten idempotency keys grant ten uploads, and replays do not count", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  limit(11);
  // A different file for each key: a second upload of the same file is not counted (see grantedUpload).
  const files = new Map(Array.from({ length: 12 }, (): [string, object] => [randomUUID(), photograph().declared]));
  const send = (key = "") => ask(member, contributionId, files.get(key), key);
  const [eleventh, twelfth, ...keys] = files.keys();
  await Promise.all(keys.flatMap((key) => Array.from({ length: 5 }, () => send(key))));
  const replays = await Promise.all(keys.map(send));
  expect(statuses(replays)).toEqual({ 201: 10 });
  expect(replays.map(({ headers }) => headers.get("idempotency-replayed"))).toEqual(keys.map(() => "true"));
  expect([(await send(eleventh)).status, (await send(twelfth)).status]).toEqual([201, 429]);
});

test("each upload counts towards its member's quota for an hour", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(member);
  limit(1);
  expect((await ask(member, contributionId)).status).toBe(201);
  const age = (minutes: number) =>
    platform.sql`update uploads set created_at = created_at - ${`${minutes} minutes`}::interval where user_id = ${member.id}`;
  await age(59);
  const early = await ask(member, contributionId);
  expect([early.status, Number(early.headers.get("retry-after")) <= 60]).toEqual([429, true]);
  expect((await ask(other, contributionId)).status).toBe(201);
  await age(2);
  expect((await ask(member, contributionId)).status).toBe(201);
});

const MB = 1024 * 1024;
const recorded = mp4(17 * MB);
/** A video of three parts with unique content, and its declaration. */
function longVideo() {
  const bytes = Buffer.from(recorded);
  bytes.write(randomUUID(), 12 * MB);
  const declared = {
    file_name: "drain.mp4",
    content_type: "video/mp4",
    size_bytes: bytes.length,
    sha256: sha256(bytes),
  };
  const parts = [0, 8, 16].map((start) => bytes.subarray(start * MB, (start + 8) * MB));
  return { bytes, declared, parts };
}
type Video = ReturnType<typeof longVideo>;

/** Requests an upload for a long video as a new member. */
async function granted(video: Video = longVideo()) {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const ticket = await ask(member, contributionId, video.declared);
  expect([ticket.status, ticket.json["part_size_bytes"]]).toEqual([201, 8 * MB]);
  const id = String(ticket.json["upload_id"]);
  const submit = () =>
    member.post(`/v1/contributions/${contributionId}/evidence`, {
      evidence_type: "photo_with_timestamp",
      proof: { timestamp: new Date().toISOString(), media_hash: video.declared.sha256 },
      upload_id: id,
    });
  return { member, contributionId, video, id, path: `/v1/uploads/${id}`, submit };
}
type Granted = Awaited<ReturnType<typeof granted>>;

/** Requests the URLs of some parts. @returns a function for each part, which uploads it */
async function urlsOf({ member, path, video }: Granted, numbers: readonly number[]) {
  const parts = numbers.map((part_number) => ({
    part_number,
    sha256: sha256(video.parts[part_number - 1] ?? Buffer.alloc(0)),
  }));
  const answer = await member.post(`${path}/parts`, { parts });
  expect(answer.status, JSON.stringify(answer.json)).toBe(201);
  return v.parse(EvidenceSchema.UploadParts, answer.json).parts.map(({ url, headers, part_number }) => ({
    url,
    send: (body: Uint8Array = video.parts[part_number - 1] ?? Buffer.alloc(0), other: object = {}, to = url) =>
      fetch(to, {
        method: "PUT",
        headers: { ...headers, "content-length": String(body.length), ...other },
        body: new Uint8Array(body),
      }).then(({ status }) => status),
  }));
}
async function sendParts(upload: Granted, ...numbers: readonly number[]): Promise<void> {
  for (const { send } of await urlsOf(upload, numbers)) expect(await send()).toBe(200);
}
const there = async ({ member, path }: Granted) =>
  v.parse(EvidenceSchema.UploadProgress, (await member.get(path)).json).parts.map(({ part_number }) => part_number);
const examined = (id: unknown) => Actor.run({ type: "system", name: "test" }, Id.uuid(), () => examine(String(id)));

test("an interrupted upload of a large file continues with its missing parts, counts once towards the quota, and is accepted", async () => {
  limit(1);
  const upload = await granted();
  await sendParts(upload, 1, 3);
  const early = await upload.submit();
  expect([problem(early), early.json["detail"]]).toEqual([
    "422 UPLOAD_MISSING",
    "These parts of the file are missing: 2.",
  ]);
  expect((await ask(upload.member, upload.contributionId, upload.video.declared)).json["upload_id"]).toBe(upload.id);
  expect((await upload.member.get(upload.path)).json).toMatchObject({
    upload_id: upload.id,
    size_bytes: upload.video.bytes.length,
    part_size_bytes: 8 * MB,
    parts: [
      { part_number: 1, size_bytes: 8 * MB },
      { part_number: 3, size_bytes: upload.video.bytes.length - 16 * MB },
    ],
    is_stored: false,
  });
  await sendParts(upload, 2);
  expect(await there(upload)).toEqual([1, 2, 3]);
  const [one, other] = await Promise.all([upload.submit(), upload.submit()]);
  expect([one.status, other.status].toSorted((a, b) => a - b)).toEqual([202, 409]);
  const piece = one.status === 202 ? one : other;
  expect(await examined(piece.json["id"])).toBe("accepted");
  expect(await platform.sql`select multipart_id from uploads where id = ${upload.id}`).toEqual([
    { multipart_id: null },
  ]);
  for (const answer of [
    await upload.member.get(upload.path),
    await upload.member.post(`${upload.path}/parts`, {
      parts: [{ part_number: 1, sha256: upload.video.declared.sha256 }],
    }),
  ])
    expect(problem(answer)).toBe("404 NOT_FOUND");
});

test("the URL of a part accepts only the bytes of this part", async () => {
  const upload = await granted();
  const [third] = await urlsOf(upload, [3]);
  if (!third) throw new Error("no URL");
  const own = upload.video.parts[2] ?? Buffer.alloc(0);
  const other = Buffer.from(own).fill(1, 0, 1000);
  const checksum = { "x-amz-checksum-sha256": Buffer.from(sha256(other), "hex").toString("base64") };
  expect(await third.send(other)).toBe(400);
  expect(await third.send(other, checksum)).toBe(403);
  expect(await third.send(own.subarray(1))).toBe(403);
  expect(await third.send(own, {}, third.url.replace("partNumber=3", "partNumber=2"))).toBe(403);
  expect(await there(upload)).toEqual([]);
  expect([await third.send(), await third.send()]).toEqual([200, 200]);
  expect(await there(upload)).toEqual([3]);
});

test("the examination refuses an upload whose parts together have another hash than the declared one", async () => {
  const [upload, other] = [await granted(), longVideo()];
  const parts = other.parts.map((part) => part.subarray(0));
  await sendParts({ ...upload, video: { ...upload.video, parts } }, 1, 2, 3);
  const { json } = await upload.submit();
  expect(await examined(json["id"])).toBe("refused");
  expect((await upload.member.get(`/v1/evidence/${String(json["id"])}`)).json["refusal"]).toMatchObject({
    code: "HASH_MISMATCH",
  });
});

test("URLs are denied for parts beyond the file's end, duplicate parts and decided contributions", async () => {
  const upload = await granted();
  const hash = sha256(Buffer.from("x"));
  const wanted = (...numbers: number[]) =>
    upload.member.post(`${upload.path}/parts`, {
      parts: numbers.map((part_number) => ({ part_number, sha256: hash })),
    });
  const faultOf = (answer: Answer) => answer.json["errors"]?.[0];
  expect(faultOf(await wanted(1, 4))).toMatchObject({ field: "parts.1.part_number", code: "too_large" });
  expect(faultOf(await wanted(0))).toMatchObject({ field: "parts.0.part_number" });
  expect(faultOf(await wanted(2, 2))).toMatchObject({ field: "parts", code: "duplicate" });
  expect(faultOf(await wanted())).toMatchObject({ field: "parts", code: "too_few" });
  expect(await platform.sql`select multipart_id from uploads where id = ${upload.id}`).toEqual([
    { multipart_id: null },
  ]);
  await platform.sql`update contributions set verification_status = 'rejected', decided_at = now(), quality_score = 0, reputation_multiplier = 1 where id = ${upload.contributionId}`;
  expect(problem(await wanted(1))).toBe("409 VERIFICATION_CLOSED");
});

test("concurrent requests for parts share one multipart upload; if the storage has aborted it, a new one begins", async () => {
  const upload = await granted();
  const idsOf = async () =>
    new Set(
      (await Promise.all([1, 2, 3].map((number) => urlsOf(upload, [number]))))
        .flat()
        .map(({ url }) => new URL(url).searchParams.get("uploadId")),
    );
  const [first = "", ...others] = await idsOf();
  expect([first !== "", others]).toEqual([true, []]);
  const [{ object_key: key } = { object_key: "" }] = await platform.sql<
    { object_key: string }[]
  >`select object_key from uploads where id = ${upload.id}`;
  await Multipart.abort({ key, multipartId: first ?? "" });
  expect(await there(upload)).toEqual([]);
  const [second] = await idsOf();
  expect(second).not.toBe(first);
  await sendParts(upload, 1, 2, 3);
  expect((await upload.submit()).status).toBe(202);
});

test("after a day an unfinished upload gets no more URLs, and the sweep deletes its parts", async () => {
  const [old, current] = [await granted(), await granted()];
  const [part] = await urlsOf(old, [3]);
  await sendParts(current, 1);
  await platform.sql`update uploads set created_at = created_at - interval '24 hours 1 minute' where id = ${old.id}`;
  expect(problem(await old.member.get(old.path))).toBe("404 NOT_FOUND");
  expect(await UploadParts.endAbandoned()).toBe(1);
  expect(await part?.send()).toBe(404);
  expect(await there(current)).toEqual([1]);
  expect(await UploadParts.endAbandoned()).toBe(0);
});

/** Uploads a photo as a new member, without submitting it. */
async function uploaded() {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const photo = photograph();
  const ticket = await ask(member, contributionId, photo.declared);
  expect((await put(ticket, photo.bytes)).status).toBe(200);
  const id = String(ticket.json["upload_id"]);
  const [row] = await platform.sql`select object_key from uploads where id = ${id}`;
  const submit = () =>
    member.post(`/v1/contributions/${contributionId}/evidence`, {
      evidence_type: "photo_with_timestamp",
      proof: { timestamp: photo.timestamp, media_hash: photo.declared.sha256 },
      upload_id: id,
    });
  return { id, key: String(row?.["object_key"]), submit };
}
const ageBy = (days: number, ...all: readonly { readonly id: string }[]) =>
  platform.sql`update uploads set created_at = now() - make_interval(days => ${days}) where id in ${platform.sql(all.map(({ id }) => id))}`;
const end = () => Actor.run({ type: "system", name: "test" }, Id.uuid(), () => UnusedUploads.end());

test("a file that is not submitted within seven days is deleted with its upload; submitted files and younger files stay", async () => {
  const [old, lost, used, young] = [await uploaded(), await uploaded(), await uploaded(), await uploaded()];
  const parted = await granted();
  const [part] = await urlsOf(parted, [3]);
  expect((await used.submit()).status).toBe(202);
  await ageBy(8, old, lost, used, parted);
  await ageBy(6, young);
  const real = Queue.get();
  const asked: string[] = [];
  Queue.use({
    ...real,
    send: async (queue, { body }) => {
      if (queue === "evidence" && body.includes("ended_uploads")) asked.push(body);
    },
  });
  const received = (body: string) => [{ messageId: "m", receiptHandle: "r", body, receiveCount: 1 }];
  try {
    // `send` drops the message of the first sweep, so the second sweep sends it again.
    for (let sweeps = 0; sweeps < 2; sweeps += 1)
      await runBatch(sweep, received(Queue.toBody({ armed_at: new Date().toISOString() })));
  } finally {
    Queue.use(real);
  }
  expect(asked).toHaveLength(2);
  expect(await Storage.head(old.key)).toBeDefined();
  expect(problem(await old.submit())).toBe("422 UPLOAD_MISSING");

  await Storage.erase(lost.key); // as if the worker was ended before it deleted the row
  for (const body of asked) expect(await runBatch(evidence, received(body))).toMatchObject([{ isDone: true }]);
  for (const { key } of [old, lost]) expect(await Storage.head(key)).toBeUndefined();
  expect(await part?.send()).toBe(404);
  const all = [old, lost, used, young, parted].map(({ id }) => id);
  const left = await platform.sql`select id, status from uploads where id in ${platform.sql(all)} order by status`;
  expect(left.map((row) => [row["id"], row["status"]])).toEqual([
    [young.id, "open"],
    [used.id, "used"],
  ]);
  expect(problem(await old.submit())).toBe("400 VALIDATION_FAILED upload_id:unknown_reference");
  expect(await Storage.head(used.key)).toBeDefined();
  expect((await young.submit()).status).toBe(202);
  expect(problem(await young.submit())).toBe("409 UPLOAD_ALREADY_USED");
  expect(await end()).toEqual({ ended: 0, more: false });
});

test("if a member submits an upload while a sweep deletes it as unused, only the first of the two succeeds", async () => {
  const [submitted, ended] = [await uploaded(), await uploaded()];
  await ageBy(8, submitted);
  const running: Promise<Answer>[] = [];
  const submitUnderLock = async (upload: typeof ended) => {
    running.push(upload.submit());
    const waiting = await until(
      () => platform.sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      ({ length }) => length > 0,
    );
    expect(waiting).toHaveLength(1);
  };
  await platform.sql.begin(async (tx) => {
    await tx`select from uploads where id = ${submitted.id} for update`;
    await submitUnderLock(submitted);
    expect(await end()).toEqual({ ended: 0, more: false });
  });
  await Promise.all(running);
  await platform.sql.begin(async (tx) => {
    await tx`update uploads set status = 'ended' where id = ${ended.id}`;
    await submitUnderLock(ended);
  });
  const [first, second] = await Promise.all(running);
  expect([first?.status, second && problem(second)]).toEqual([202, "422 UPLOAD_MISSING"]);
  expect(await UnusedUploads.erase()).toBe(1);
});

test("an upload that a former release left open after its use is not used again or deleted; an unused one in parts is deleted", async () => {
  const [upload, parted, another] = [await uploaded(), await granted(), await granted()];
  const [part] = await urlsOf(parted, [3]);
  expect((await upload.submit()).status).toBe(202);
  await platform.sql`update uploads set status = 'open' where id = ${upload.id}`;
  expect(problem(await upload.submit())).toBe("409 UPLOAD_ALREADY_USED");
  await ageBy(8, upload, parted, another);
  expect(await end()).toEqual({ ended: 2, more: true });
  expect(await UnusedUploads.erase()).toBe(2);
  expect(await part?.send()).toBe(404); // its parts are gone, though no sweep has ended uploads in parts
  expect(await end()).toEqual({ ended: 0, more: false });
  expect(await platform.sql`select status from uploads where id = ${upload.id}`).toEqual([{ status: "used" }]);
});
