import { beforeAll, expect, test } from "vitest";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, photograph, put, sha256, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: true });
let member: Person;
let other: Person;
beforeAll(async () => {
  [member, other] = [await platform.person(), await platform.person()];
});

async function rows(table: string): Promise<number> {
  const [row] = await platform.sql`select count(*)::int as n from ${platform.sql(table)}`;
  return Number(row?.["n"]);
}

async function upload(person: Person, contributionId: string, photo = photograph()) {
  const ticket = await person.post(`/v1/contributions/${contributionId}/uploads`, photo.declared);
  return { photo, ticket, uploadId: String(ticket.json["upload_id"]) };
}

function photoEvidence(uploadId: string, photo: ReturnType<typeof photograph>) {
  return {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: photo.timestamp, media_hash: photo.declared.sha256 },
    upload_id: uploadId,
  };
}

type Upload = Awaited<ReturnType<typeof upload>>;
const checksumOf = (hash: string) => ({ "x-amz-checksum-sha256": Buffer.from(hash, "hex").toString("base64") });

test.each<[what: string, send: (upload: Upload) => ReturnType<typeof put>, refusal: RegExp]>([
  ["other bytes than declared", ({ ticket }) => put(ticket, photograph().bytes), /BadDigest/],
  [
    "other bytes than declared, with their own checksum",
    ({ ticket }) => {
      const { bytes, declared } = photograph();
      return put(ticket, bytes, checksumOf(declared.sha256));
    },
    /SignatureDoesNotMatch/,
  ],
  [
    "another content type than declared",
    ({ ticket, photo }) => put(ticket, photo.bytes, { "content-type": "image/png" }),
    /SignatureDoesNotMatch/,
  ],
  [
    "the header if-none-match changed, which would allow replacing an object",
    ({ ticket, photo }) => put(ticket, photo.bytes, { "if-none-match": "" }),
    /SignatureDoesNotMatch/,
  ],
])("the storage rejects an upload with %s", async (_what, send, refusal) => {
  expect((await send(await upload(member, await contributionOf(member)))).text).toMatch(refusal);
});

test("the storage rejects a file of another length than declared at an upload URL", async () => {
  const { photo, ticket } = await upload(member, await contributionOf(member));
  const shorter = { "content-length": String(photo.bytes.length - 1) };
  expect((await put(ticket, photo.bytes.slice(1), shorter)).status).toBeGreaterThanOrEqual(400);
});

test("the storage accepts the declared bytes at an upload URL once", async () => {
  const { photo, ticket } = await upload(member, await contributionOf(member));
  expect((await put(ticket, photo.bytes)).status).toBe(200);
  expect(await put(ticket, photo.bytes)).toMatchObject({ status: 412 });
});

test.each<[change: Record<string, unknown>, refusal: string]>([
  [{ size_bytes: 51_199 }, "size_bytes:too_small"],
  [{ size_bytes: 10_485_761 }, "size_bytes:too_large"],
  [{ content_type: "image/gif" }, "content_type:not_allowed"],
  [{ file_name: "../../etc/passwd" }, "file_name:format"],
  [{ sha256: "abc" }, "sha256:format"],
])("a request for an upload URL with %j is rejected with the field", async (change, refusal) => {
  const path = `/v1/contributions/${await contributionOf(member)}/uploads`;
  const answer = await member.post(path, { ...photograph().declared, ...change });
  expect(problem(answer)).toBe(`400 VALIDATION_FAILED ${refusal}`);
});

test.each([51_200, 10_485_760])(
  "an upload URL is granted for a picture of %i bytes, at the limits of its type",
  async (size_bytes) => {
    const path = `/v1/contributions/${await contributionOf(member)}/uploads`;
    expect((await member.post(path, { ...photograph().declared, size_bytes })).status).toBe(201);
  },
);

/** The problem of a submission, after checking that nothing was stored. */
async function refusalOf(person: Person, contributionId: string, body: unknown): Promise<string> {
  const before = [await rows("evidence"), await rows("witnesses")];
  const answer = await person.post(`/v1/contributions/${contributionId}/evidence`, body);
  expect([await rows("evidence"), await rows("witnesses")]).toEqual(before);
  return problem(answer);
}

test("a photo whose file was not uploaded is rejected", async () => {
  const contributionId = await contributionOf(member);
  const { photo, uploadId } = await upload(member, contributionId);
  expect(await refusalOf(member, contributionId, photoEvidence(uploadId, photo))).toBe("422 UPLOAD_MISSING");
});

test("a photo whose evidence states another hash than its upload is rejected", async () => {
  const contributionId = await contributionOf(member);
  const { photo, ticket, uploadId } = await upload(member, contributionId);
  await put(ticket, photo.bytes);
  const body = photoEvidence(uploadId, photo);
  const changed = { ...body, proof: { ...body.proof, media_hash: "0".repeat(64) } };
  expect(await refusalOf(member, contributionId, changed)).toBe("422 UPLOAD_MISMATCH proof.media_hash:mismatch");
});

test("an upload can be used only by its member and for its contribution", async () => {
  const [mine, theirs] = [await contributionOf(member), await contributionOf(other)];
  const { photo, ticket, uploadId } = await upload(member, mine);
  await put(ticket, photo.bytes);
  const body = photoEvidence(uploadId, photo);
  const unknown = "400 VALIDATION_FAILED upload_id:unknown_reference";
  expect(await refusalOf(other, theirs, body)).toBe(unknown);
  expect(await refusalOf(member, theirs, body)).toBe(unknown);
  expect(await refusalOf(other, mine, body)).toBe(unknown);
  expect(await refusalOf(member, "01890000-0000-7000-8000-000000000000", body)).toBe("404 NOT_FOUND");
});

test("an upload can be used only once", async () => {
  const contributionId = await contributionOf(member);
  const { photo, ticket, uploadId } = await upload(member, contributionId);
  await put(ticket, photo.bytes);
  const body = photoEvidence(uploadId, photo);
  expect((await member.post(`/v1/contributions/${contributionId}/evidence`, body)).status).toBe(202);
  expect(problem(await member.post(`/v1/contributions/${contributionId}/evidence`, body))).toBe(
    "409 UPLOAD_ALREADY_USED",
  );
});

const at = (offsetSeconds: number) => new Date(Date.now() + offsetSeconds * 1000).toISOString();

test.each<[what: string, proof: () => Record<string, unknown>, refusal: string]>([
  ["older than 30 days", () => ({ timestamp: at(-30 * 86_400 - 60) }), "proof.timestamp:too_small"],
  ["in the future", () => ({ timestamp: at(400) }), "proof.timestamp:too_large"],
  ["on a day that does not exist", () => ({ timestamp: "2026-02-31T10:00:00Z" }), "proof.timestamp:format"],
  ["without a valid time", () => ({ timestamp: "yesterday" }), "proof.timestamp:format"],
  ["beyond a pole", () => ({ location: { lat: 90.1, lon: 0 } }), "proof.location.lat:too_large"],
  ["without a longitude", () => ({ location: { lat: 0 } }), "proof.location.lon:required"],
])("a GPS reading %s is rejected with the field", async (_what, proof, refusal) => {
  const reading = {
    evidence_type: "gps_verification",
    proof: { timestamp: at(0), location: { lat: 0, lon: 0 }, ...proof() },
  };
  const answer = await refusalOf(member, await contributionOf(member), reading);
  expect(answer.startsWith(`400 VALIDATION_FAILED ${refusal}`), answer).toBe(true);
});

test.each<[what: string, witnesses: () => unknown[], refusal: string]>([
  ["without a witness", () => [], "400 VALIDATION_FAILED proof.witnesses:too_few"],
  ["by its contributor", () => [{ witness_name: "Me", witness_id: member.id }], "422 RULE_VIOLATED"],
  [
    "by an unknown member",
    () => [{ witness_name: "X", witness_id: "01890000-0000-7000-8000-000000000000" }],
    "400 VALIDATION_FAILED proof.witnesses.0.witness_id:unknown_reference",
  ],
])("an attestation %s is rejected", async (_what, witnesses, refusal) => {
  const body = { evidence_type: "witness_attestation", proof: { timestamp: at(0), witnesses: witnesses() } };
  expect(await refusalOf(member, await contributionOf(member), body)).toBe(refusal);
});

test("evidence of an unknown type is rejected", async () => {
  expect(await refusalOf(member, await contributionOf(member), { evidence_type: "hearsay", proof: {} })).toBe(
    "400 VALIDATION_FAILED evidence_type:not_allowed",
  );
});

/**
 * Submits a file that is declared as `contentType`.
 * @returns the status and the code of the refusal after its examination
 */
async function examined(
  contributionId: string,
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
  replaceWith?: Uint8Array<ArrayBuffer>,
) {
  const declared = { file_name: "f", content_type: contentType, size_bytes: bytes.length, sha256: sha256(bytes) };
  const ticket = await member.post(`/v1/contributions/${contributionId}/uploads`, declared);
  expect((await put(ticket, bytes)).status).toBe(200);
  const [, , ...key] = new URL(String(ticket.json["url"])).pathname.split("/");
  if (replaceWith) await Storage.write(key.join("/"), contentType, replaceWith);
  const submitted = await member.post(`/v1/contributions/${contributionId}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: new Date().toISOString(), media_hash: declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  expect(submitted.status).toBe(202);
  const done = await until(
    () => member.get(`/v1/evidence/${String(submitted.json["id"])}`),
    (answer) => String(answer.json["status"]) !== "examining",
  );
  return [done.json["status"], done.json["refusal"]?.["code"]];
}

test.each<[what: string, bytes: () => Uint8Array<ArrayBuffer>, type: string, code: string, replaced?: boolean]>([
  [
    "text that is declared as a picture",
    () => new Uint8Array(Buffer.from("not a picture. ".repeat(5_000))),
    "image/jpeg",
    "TYPE_MISMATCH",
  ],
  ["a JPEG that is declared as PNG", () => photograph().bytes, "image/png", "TYPE_MISMATCH"],
  ["a truncated picture", () => photograph().bytes.slice(0, 80_000), "image/jpeg", "UNDECODABLE"],
  ["a file that was replaced before its examination", () => photograph().bytes, "image/jpeg", "HASH_MISMATCH", true],
])("%s is refused as evidence and emits no event", async (_what, bytes, type, code, replaced = false) => {
  const contributionId = await contributionOf(member);
  const replaceWith = replaced ? photograph().bytes : undefined;
  expect(await examined(contributionId, bytes(), type, replaceWith)).toEqual(["refused", code]);
  const events =
    await platform.sql`select event_type from webhook_events where subject = ${`contribution:${contributionId}`}`;
  expect(events.map((event) => event["event_type"])).toEqual(["contribution_created"]);
});

test("a file that one contribution has used as evidence is refused for another contribution", async () => {
  const [first, second] = [await contributionOf(member), await contributionOf(member)];
  const photo = photograph();
  const one = await upload(member, first, photo);
  await put(one.ticket, photo.bytes);
  const accepted = await member.post(`/v1/contributions/${first}/evidence`, photoEvidence(one.uploadId, photo));
  await until(
    () => member.get(`/v1/evidence/${String(accepted.json["id"])}`),
    (answer) => String(answer.json["status"]) === "accepted",
  );
  const two = await upload(member, second, photo);
  await put(two.ticket, photo.bytes);
  expect(problem(await member.post(`/v1/contributions/${second}/evidence`, photoEvidence(two.uploadId, photo)))).toBe(
    "409 DUPLICATE_FILE",
  );
});
