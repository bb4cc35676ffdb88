import { expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, photograph, put, sha256, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: true });

async function rows(table: string): Promise<number> {
  const [row] = await platform.sql`select count(*)::int as n from ${platform.sql(table)}`;
  return Number(row?.["n"]);
}

const task = taskInput({ title: "Clear the drain", description: "Before the rain." });

async function upload(member: Person, contributionId: string, photo = photograph()) {
  const ticket = await member.post(`/v1/contributions/${contributionId}/uploads`, photo.declared);
  return { photo, ticket, uploadId: String(ticket.json["upload_id"]) };
}

function photoEvidence(uploadId: string, photo: ReturnType<typeof photograph>) {
  return {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: photo.timestamp, media_hash: photo.declared.sha256 },
    upload_id: uploadId,
  };
}

test("unknown fields, wrong types and missing fields are refused by name, and nothing is written", async () => {
  const member = await platform.person();
  const before = await rows("tasks");
  expect(problem(await member.post("/v1/tasks", { ...task, colour: "red" }))).toBe(
    "400 VALIDATION_FAILED colour:unknown_field",
  );
  expect(problem(await member.post("/v1/tasks", { ...task, title: 5 }))).toBe("400 VALIDATION_FAILED title:type");
  expect(problem(await member.post("/v1/tasks", { title: "a", description: "b" }))).toBe(
    "400 VALIDATION_FAILED difficulty:required",
  );
  expect(problem(await member.post("/v1/tasks", { ...task, title: "x".repeat(201) }))).toBe(
    "400 VALIDATION_FAILED title:too_long",
  );
  expect(problem(await member.post("/v1/tasks", { ...task, title: "nul \u0000" }))).toBe(
    "400 VALIDATION_FAILED title:characters",
  );
  expect(
    problem(await member.post("/v1/tasks", { ...task, skill_ids: ["01890000-0000-7000-8000-000000000000"] })),
  ).toBe("400 VALIDATION_FAILED skill_ids.0:unknown_reference");
  expect(problem(await member.post("/v1/tasks", "{ not json"))).toBe("400 MALFORMED_JSON");
  expect(problem(await member.post("/v1/tasks", "[1]"))).toMatch(/^400 VALIDATION_FAILED/);
  expect(
    problem(await member.post("/v1/tasks", "title=a", { "content-type": "application/x-www-form-urlencoded" })),
  ).toBe("415 UNSUPPORTED_MEDIA_TYPE");
  expect(problem(await member.post("/v1/tasks", { ...task, description: "x".repeat(1_100_000) }))).toBe(
    "413 PAYLOAD_TOO_LARGE",
  );
  expect(problem(await member.post("/v1/tasks/not-a-uuid/claim"))).toBe("400 VALIDATION_FAILED task_id:format");
  expect(problem(await member.get("/v1/nowhere"))).toBe("404 NOT_FOUND");
  expect(await rows("tasks")).toBe(before);
});

test("registration refuses guessable passwords, malformed and taken names, and leaves no partial account", async () => {
  const member = await platform.person();
  const before = [await rows("users"), await rows("refresh_tokens")];
  const register = async (body: Record<string, string>) =>
    problem(
      await platform.request("POST", "/v1/auth/register", {
        body: { username: "fresh-name", email: "fresh@example.org", password: "a long enough phrase", ...body },
      }),
    );
  expect(await register({ password: "short" })).toBe("400 VALIDATION_FAILED password:too_short");
  expect(await register({ password: "password1234" })).toBe("400 VALIDATION_FAILED password:guessable");
  expect(await register({ password: "my fresh-name phrase" })).toBe("400 VALIDATION_FAILED password:guessable");
  expect(await register({ username: "no spaces" })).toBe("400 VALIDATION_FAILED username:format");
  expect(await register({ email: "not an address" })).toBe("400 VALIDATION_FAILED email:format");
  expect(await register({ email: member.email.toUpperCase() })).toBe("409 EMAIL_TAKEN");
  expect([await rows("users"), await rows("refresh_tokens")]).toEqual(before);
});

test("a missing, malformed, expired or foreign token, or one of a deleted account, is refused", async () => {
  const member = await platform.person();
  const asked = async (token?: string) =>
    problem(await platform.request("GET", "/v1/me", token === undefined ? {} : { token }));
  expect(await asked()).toBe("401 UNAUTHENTICATED");
  expect(await asked("a.b.c")).toBe("401 UNAUTHENTICATED");
  expect(await asked(member.token.slice(0, -4))).toBe("401 UNAUTHENTICATED");
  const back = Clock.set(() => new Date(Date.now() + 901_000));
  try {
    expect(await asked(member.token)).toBe("401 UNAUTHENTICATED");
  } finally {
    back();
  }
  expect((await member.get("/v1/me")).status).toBe(200);
  await platform.sql`update users set deleted_at = now(), password_hash = null where id = ${member.id}`;
  expect(await asked(member.token)).toBe("401 UNAUTHENTICATED");
});

test("a wrong password and an unknown account get the same answer", async () => {
  const member = await platform.person();
  const login = (email: string) =>
    platform.request("POST", "/v1/auth/login", { body: { email, password: "some other phrase" } });
  const [wrong, unknown] = [await login(member.email), await login("unknown@example.org")];
  const { request_id: _a, ...one } = wrong.json;
  const { request_id: _b, ...other } = unknown.json;
  expect([wrong.status, one]).toEqual([unknown.status, other]);
  expect(wrong.json["code"]).toBe("INVALID_CREDENTIALS");
});

test("of 30 concurrent claims of a task one succeeds, and 29 get TASK_NOT_OPEN", async () => {
  const creator = await platform.person();
  const members = await Promise.all(Array.from({ length: 30 }, () => platform.person()));
  const id = String((await creator.post("/v1/tasks", task)).json["id"]);
  const answers = await Promise.all(members.map((member) => member.post(`/v1/tasks/${id}/claim`)));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  expect(
    answers.filter((answer) => answer.status === 409 && String(answer.json["code"]) === "TASK_NOT_OPEN"),
  ).toHaveLength(29);
  const assignments = await platform.sql`select 1 from task_assignments where task_id = ${id}`;
  expect(assignments).toHaveLength(1);
});

test("only the assignee starts and completes, in that order; a refused completion creates no contribution and no event", async () => {
  const [creator, assignee, other] = [await platform.person(), await platform.person(), await platform.person()];
  const path = `/v1/tasks/${String((await creator.post("/v1/tasks", task)).json["id"])}`;
  expect(problem(await assignee.post(`${path}/start`))).toBe("403 FORBIDDEN");
  await assignee.post(`${path}/claim`);
  const before = [await rows("contributions"), await rows("webhook_events"), await rows("event_subjects")];
  expect(problem(await other.post(`${path}/start`))).toBe("403 FORBIDDEN");
  expect(problem(await assignee.post(`${path}/complete`))).toBe("409 INVALID_TASK_STATE");
  await assignee.post(`${path}/start`);
  expect(problem(await other.post(`${path}/complete`))).toBe("403 FORBIDDEN");
  expect(problem(await assignee.post(`${path}/complete`, { title: "" }))).toBe("400 VALIDATION_FAILED title:too_short");
  expect([await rows("contributions"), await rows("webhook_events"), await rows("event_subjects")]).toEqual(before);
  expect((await assignee.post(`${path}/complete`)).status).toBe(201);
  expect(problem(await assignee.post(`${path}/complete`))).toBe("409 INVALID_TASK_STATE");
});

test("an upload URL accepts only the declared bytes: other bytes, length or type, or a second upload, are refused", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const { photo, ticket } = await upload(member, contributionId);
  const other = photograph();
  expect((await put(ticket, other.bytes)).text).toContain("BadDigest");
  expect(
    (
      await put(ticket, other.bytes, {
        "x-amz-checksum-sha256": Buffer.from(other.declared.sha256, "hex").toString("base64"),
      })
    ).text,
  ).toContain("SignatureDoesNotMatch");
  expect((await put(ticket, photo.bytes, { "content-type": "image/png" })).text).toContain("SignatureDoesNotMatch");
  expect((await put(ticket, photo.bytes, { "if-none-match": "" })).text).toContain("SignatureDoesNotMatch");
  expect(
    (await put(ticket, photo.bytes.slice(1), { "content-length": String(photo.bytes.length - 1) })).status,
  ).toBeGreaterThanOrEqual(400);
  expect((await put(ticket, photo.bytes)).status).toBe(200);
  expect(await put(ticket, photo.bytes)).toMatchObject({ status: 412 });
});

test("an upload of another type or size is refused by field", async () => {
  const member = await platform.person();
  const path = `/v1/contributions/${await contributionOf(member)}/uploads`;
  const { declared } = photograph();
  const asked = async (change: Record<string, unknown>) => problem(await member.post(path, { ...declared, ...change }));
  expect(await asked({ size_bytes: 51_199 })).toBe("400 VALIDATION_FAILED size_bytes:too_small");
  expect(await asked({ size_bytes: 10_485_761 })).toBe("400 VALIDATION_FAILED size_bytes:too_large");
  expect(await asked({ content_type: "image/gif" })).toBe("400 VALIDATION_FAILED content_type:not_allowed");
  expect(await asked({ file_name: "../../etc/passwd" })).toBe("400 VALIDATION_FAILED file_name:format");
  expect(await asked({ sha256: "abc" })).toBe("400 VALIDATION_FAILED sha256:format");
  expect((await member.post(path, { ...declared, size_bytes: 51_200 })).status).toBe(201);
  expect((await member.post(path, { ...declared, size_bytes: 10_485_760 })).status).toBe(201);
});

test("a photo without an upload, with another hash, with another member's upload or a second time is refused at once", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const [mine, theirs] = [await contributionOf(member), await contributionOf(other)];
  const { photo, ticket, uploadId } = await upload(member, mine);
  const before = await rows("evidence");
  const submit = async (person: Person, contributionId: string, body: unknown) =>
    problem(await person.post(`/v1/contributions/${contributionId}/evidence`, body));
  const body = photoEvidence(uploadId, photo);
  expect(await submit(member, mine, body)).toBe("422 UPLOAD_MISSING");
  await put(ticket, photo.bytes);
  expect(await submit(member, mine, { ...body, proof: { ...body.proof, media_hash: "0".repeat(64) } })).toBe(
    "422 UPLOAD_MISMATCH proof.media_hash:mismatch",
  );
  expect(await submit(other, theirs, body)).toBe("400 VALIDATION_FAILED upload_id:unknown_reference");
  expect(await submit(member, theirs, body)).toBe("400 VALIDATION_FAILED upload_id:unknown_reference");
  expect(await submit(other, mine, body)).toBe("400 VALIDATION_FAILED upload_id:unknown_reference");
  expect(await submit(member, "01890000-0000-7000-8000-000000000000", body)).toBe("404 NOT_FOUND");
  expect(await rows("evidence")).toBe(before);
  expect((await member.post(`/v1/contributions/${mine}/evidence`, body)).status).toBe(202);
  expect(await submit(member, mine, body)).toBe("409 UPLOAD_ALREADY_USED");
  expect(await rows("evidence")).toBe(before + 1);
});

test("evidence older than 30 days, in the future, out of range or attested by the contributor is refused by field", async () => {
  const member = await platform.person();
  const path = `/v1/contributions/${await contributionOf(member)}/evidence`;
  const before = [await rows("evidence"), await rows("witnesses")];
  const at = (offsetSeconds: number) => new Date(Date.now() + offsetSeconds * 1000).toISOString();
  const gps = async (proof: Record<string, unknown>) =>
    problem(
      await member.post(path, {
        evidence_type: "gps_verification",
        proof: { timestamp: at(0), location: { lat: 0, lon: 0 }, ...proof },
      }),
    );
  expect(await gps({ timestamp: at(-30 * 86_400 - 60) })).toBe("400 VALIDATION_FAILED proof.timestamp:too_small");
  expect(await gps({ timestamp: at(400) })).toBe("400 VALIDATION_FAILED proof.timestamp:too_large");
  expect(await gps({ timestamp: "2026-02-31T10:00:00Z" })).toMatch(/^400 VALIDATION_FAILED proof.timestamp:format/);
  expect(await gps({ timestamp: "yesterday" })).toMatch(/^400 VALIDATION_FAILED proof.timestamp:format/);
  expect(await gps({ location: { lat: 90.1, lon: 0 } })).toBe("400 VALIDATION_FAILED proof.location.lat:too_large");
  expect(await gps({ location: { lat: 0 } })).toBe("400 VALIDATION_FAILED proof.location.lon:required");
  const attest = async (witnesses: unknown) =>
    problem(await member.post(path, { evidence_type: "witness_attestation", proof: { timestamp: at(0), witnesses } }));
  expect(await attest([])).toBe("400 VALIDATION_FAILED proof.witnesses:too_few");
  expect(await attest([{ witness_name: "Me", witness_id: member.id }])).toBe("422 RULE_VIOLATED");
  expect(await attest([{ witness_name: "X", witness_id: "01890000-0000-7000-8000-000000000000" }])).toBe(
    "400 VALIDATION_FAILED proof.witnesses.0.witness_id:unknown_reference",
  );
  expect(problem(await member.post(path, { evidence_type: "hearsay", proof: {} }))).toBe(
    "400 VALIDATION_FAILED evidence_type:not_allowed",
  );
  expect([await rows("evidence"), await rows("witnesses")]).toEqual(before);
});

test("a file whose bytes differ from the declaration, or were replaced before the worker read them, is refused and emits no event", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const path = `/v1/contributions/${contributionId}/evidence`;
  const verdict = async (
    bytes: Uint8Array<ArrayBuffer>,
    contentType: string,
    replaceWith?: Uint8Array<ArrayBuffer>,
  ) => {
    const declared = { file_name: "f", content_type: contentType, size_bytes: bytes.length, sha256: sha256(bytes) };
    const ticket = await member.post(`/v1/contributions/${contributionId}/uploads`, declared);
    expect((await put(ticket, bytes)).status).toBe(200);
    if (replaceWith)
      await fetch(String(ticket.json["url"]).split("?")[0] ?? "", {
        method: "PUT",
        headers: { "content-type": contentType },
        body: replaceWith,
      });
    const submitted = await member.post(path, {
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
  };
  const text = new Uint8Array(Buffer.from("not a picture. ".repeat(5_000)));
  expect(await verdict(text, "image/jpeg")).toEqual(["refused", "TYPE_MISMATCH"]);
  expect(await verdict(photograph().bytes, "image/png")).toEqual(["refused", "TYPE_MISMATCH"]);
  const torn = photograph().bytes.slice(0, 80_000);
  expect(await verdict(torn, "image/jpeg")).toEqual(["refused", "UNDECODABLE"]);
  const [first, second] = [photograph().bytes, photograph().bytes];
  expect(await verdict(first, "image/jpeg", second)).toEqual(["refused", "HASH_MISMATCH"]);
  const events =
    await platform.sql`select event_type from webhook_events where subject = ${`contribution:${contributionId}`}`;
  expect(events.map((event) => event["event_type"])).toEqual(["contribution_created"]);
});

test("a file used by one contribution is refused for another", async () => {
  const member = await platform.person();
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

test("a vote without the role, on one's own contribution, a second time or after the decision is refused", async () => {
  const owner = await platform.person(["verifier"]);
  const path = `/v1/contributions/${await contributionOf(owner)}/verifications`;
  const vote = async (person: Person, outcome = "approved") => problem2(await person.post(path, { outcome }));
  const problem2 = (answer: Answer) =>
    answer.status === 201 ? String(answer.json["verification_status"]) : problem(answer);
  const verifiers = await Promise.all(Array.from({ length: 4 }, () => platform.person(["verifier"])));
  const [a, b, c, d] = verifiers;
  if (!a || !b || !c || !d) throw new Error("four verifiers");
  expect(await vote(await platform.person())).toBe("403 FORBIDDEN");
  expect(await vote(owner)).toBe("403 FORBIDDEN");
  expect((await owner.post(path, { outcome: "approved" })).json["detail"]).toBe(
    "You cannot verify your own contribution.",
  );
  expect(await vote(a, "maybe")).toBe("400 VALIDATION_FAILED outcome:not_allowed");
  expect(await vote(a)).toBe("pending");
  expect(await vote(a)).toBe("409 ALREADY_VERIFIED");
  const noted = await b.post(path, { outcome: "rejected", notes: "The drain is still full." });
  expect(noted.json).toMatchObject({
    verification_status: "pending",
    verification: { outcome: "rejected", notes: "The drain is still full." },
  });
  expect(await vote(c, "rejected")).toBe("rejected");
  expect(await vote(d)).toBe("409 VERIFICATION_CLOSED");
});

test("other members do not see coordinates, witnesses, findings or downloads of evidence", async () => {
  const [member, stranger, verifier] = [
    await platform.person(),
    await platform.person(),
    await platform.person(["verifier"]),
  ];
  const contributionId = await contributionOf(member);
  const { photo, ticket, uploadId } = await upload(member, contributionId);
  await put(ticket, photo.bytes);
  const id = String(
    (await member.post(`/v1/contributions/${contributionId}/evidence`, photoEvidence(uploadId, photo))).json["id"],
  );
  expect((await stranger.get(`/v1/evidence/${id}`)).json["details"]).toBeNull();
  expect(problem(await stranger.get(`/v1/evidence/${id}/download`))).toBe("404 NOT_FOUND");
  const granted = await verifier.get(`/v1/evidence/${id}/download`);
  const download = await fetch(String(granted.json["url"]));
  expect(sha256(new Uint8Array(await download.arrayBuffer()))).toBe(photo.declared.sha256);
  expect(download.headers.get("content-disposition")).toContain("attachment");
  const audited =
    await platform.sql`select actor_id from audit_log where action = 'evidence.download' and target_id = ${id}`;
  expect(audited.map((row) => row["actor_id"])).toEqual([verifier.id]);
  await expect(platform.sql`delete from audit_log`).rejects.toThrow("append-only");
});

test("an internal error answers a constant text with the request id, and neither answer nor log contains the input", async () => {
  const member = await platform.person();
  const canary = "canary-4711";
  await platform.sql`alter table tasks rename to tasks_away`;
  try {
    const answer = await member.post("/v1/tasks", { ...task, title: canary }, { "x-request-id": "req-canary" });
    expect(problem(answer)).toBe("500 INTERNAL");
    expect(JSON.stringify(answer.json)).not.toMatch(/canary-4711|relation|tasks/);
    expect(answer.json["request_id"]).toBe("req-canary");
  } finally {
    await platform.sql`alter table tasks_away rename to tasks`;
  }
  const lines = platform.logs.filter((line) => line.includes("req-canary"));
  expect(lines.some((line) => line.includes('"level":"error"'))).toBe(true);
  expect(platform.logs.join("\n")).not.toContain(canary);
  expect(platform.logs.join("\n")).not.toContain(member.token);
  expect(platform.logs.join("\n")).not.toContain(member.email);
});
