import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { createApp } from "@gotong/api/app.ts";
import { type Server, serve } from "@gotong/api/serve.ts";
import { taskInput } from "../../harness/factories.ts";
import { usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

// These tests send slightly wrong input that an earlier version accepted, or answered with a 5xx status.
const platform = usePlatform({ workers: false });
const task = taskInput({ title: "t", description: "d" });
const EMOJI = "😀🐙🚀🍕🎸🦊🌊🌿🏡🔧🧺🪣";
let server: Server;
beforeAll(async () => {
  Config.use({ ...platform.variables, PORT: "0", HOST: "127.0.0.1" });
  server = await serve();
});
afterAll(() => server.close());

const register = (password: string) =>
  platform.request("POST", "/v1/auth/register", {
    body: { username: `e-${Math.random().toString(36).slice(2)}`, email: `e.${Math.random()}@example.org`, password },
  });

test("lengths of text fields are counted in characters, as documented, and not in UTF-16 units", async () => {
  expect(problem(await register(Array.from(EMOJI).slice(0, 11).join("")))).toBe(
    "400 VALIDATION_FAILED password:too_short",
  );
  expect((await register(EMOJI)).status).toBe(201);
  expect((await register(EMOJI.repeat(10) + "12345678")).status).toBe(201);
  expect(problem(await register(EMOJI.repeat(10) + "123456789"))).toBe("400 VALIDATION_FAILED password:too_long");
  const member = await platform.person();
  const titled = (title: string) => member.post("/v1/tasks", { ...task, title });
  expect((await titled("😀".repeat(200))).status).toBe(201);
  expect(problem(await titled("😀".repeat(201)))).toBe("400 VALIDATION_FAILED title:too_long");
  const described = await member.post("/v1/tasks", { ...task, description: "😀".repeat(5_000) });
  expect([described.status, Array.from(String(described.json["description"])).length]).toEqual([201, 5_000]);
});

test("an array is rejected where an object is required, both as a body and inside a body", async () => {
  const admin = await platform.person(["admin"]);
  expect(problem(await admin.post("/v1/admin/webhook-failures/redrive", []))).toBe("400 VALIDATION_FAILED body:type");
  expect(problem(await admin.send("PATCH", "/v1/me", " [ ]"))).toBe("400 VALIDATION_FAILED body:type");
  expect(problem(await admin.post("/v1/tasks", { ...task, metadata: [] }))).toBe("400 VALIDATION_FAILED metadata:type");
  const path = `/v1/contributions/${await contributionOf(admin)}/evidence`;
  const gps = { timestamp: new Date().toISOString(), location: { lat: 1, lon: 1 } };
  const piece = { evidence_type: "gps_verification", proof: gps };
  expect(problem(await admin.post(path, { ...piece, evidence_data: [] }))).toBe(
    "400 VALIDATION_FAILED evidence_data:type",
  );
  expect((await admin.post(path, { ...piece, evidence_data: {} })).status).toBe(201);
});

test("JSON fields with the names of JavaScript's prototype, such as __proto__, and numbers out of range are rejected", async () => {
  const member = await platform.person();
  const withMetadata = (metadata: string) =>
    member.post("/v1/tasks", JSON.stringify(task).replace(/}$/, `,"metadata":${metadata}}`));
  for (const name of ["__proto__", "constructor", "prototype", "const\\u0072uctor"])
    expect(problem(await withMetadata(`{"${name}":1}`)), name).toBe("400 MALFORMED_JSON");
  expect(problem(await withMetadata('{"a":{"b":[1e400]}}'))).toBe("400 VALIDATION_FAILED metadata:characters");
  const kept = await withMetadata('{"toString":2,"hasOwnProperty":{},"a":1e300}');
  expect(kept.json["metadata"]).toEqual({ toString: 2, hasOwnProperty: {}, a: 1e300 });
});

test("a witness who is named twice in an attestation counts once", async () => {
  const owner = await platform.person();
  const path = `/v1/contributions/${await contributionOf(owner)}/evidence`;
  const other = await platform.person();
  const attest = (...witnesses: Record<string, unknown>[]) =>
    owner.post(path, {
      evidence_type: "witness_attestation",
      proof: { timestamp: new Date().toISOString(), witnesses },
    });
  const refused = "400 VALIDATION_FAILED proof.witnesses:duplicate";
  expect(problem(await attest({ witness_name: "Ibu Sari" }, { witness_name: "ibu sari" }))).toBe(refused);
  const known = { witness_name: "Ibu Sari", witness_id: other.id };
  expect(problem(await attest(known, { ...known, witness_name: "Sari" }))).toBe(refused);
  expect((await attest(known, { witness_name: "Ibu Sari" })).status).toBe(201);
});

test.each(["a@b", ".a@example.org", "a..b@example.org", "a@-example.org", "a@example-.org", "a b@example.org"])(
  "%s is rejected as an e-mail address",
  async (email) => {
    const body = { username: "somebody", email, password: "walk slowly home" };
    expect(problem(await platform.request("POST", "/v1/auth/register", { body }))).toBe(
      "400 VALIDATION_FAILED email:format",
    );
  },
);

// A parser that backtracks would exceed the time limit of this test.
test("an e-mail address that is built to be slow to parse is rejected at once", async () => {
  const emails = [`a@${"a-".repeat(200_000)}`, `${"a.".repeat(200_000)}@`, `a@${"a.".repeat(200_000)}`];
  for (const email of emails) {
    const body = { username: "somebody", email, password: "walk slowly home" };
    expect((await platform.request("POST", "/v1/auth/register", { body })).status).toBe(400);
  }
});

test.each(["2026-11-01T24:00:00Z", "2026-11-01T23:60:00Z", "2026-11-01T23:59:60Z", "2026-11-01T10:00:00+24:00"])(
  "%s is rejected as a timestamp",
  async (timestamp) => {
    const owner = await platform.person();
    const proof = { timestamp, location: { lat: 1, lon: 1 } };
    const path = `/v1/contributions/${await contributionOf(owner)}/evidence`;
    const answer = await owner.post(path, { evidence_type: "gps_verification", proof });
    expect(problem(answer)).toContain("400 VALIDATION_FAILED proof.timestamp");
  },
);

test.each([
  [{ "content-type": "application/json; charset=latin1" }, 415],
  [{ "content-type": 'application/json; charset="utf-16"' }, 415],
  [{ "content-encoding": "gzip" }, 415],
  [{ "content-type": "application/json;charset=UTF-8" }, 201],
  [{ "content-encoding": "identity" }, 201],
] as const)("a body with the headers %j is answered with status %i", async (headers, status) => {
  const member = await platform.person();
  const answer = await platform.request("POST", "/v1/tasks", { token: member.token, body: task, headers });
  expect(answer.status).toBe(status);
});

test("a compressed body is rejected as compressed, before it is decoded as text", async () => {
  const member = await platform.person();
  const response = await createApp().request("/v1/tasks", {
    method: "POST",
    headers: {
      authorization: `Bearer ${member.token}`,
      "content-type": "application/json",
      "content-encoding": "gzip",
    },
    body: new Uint8Array(gzipSync(JSON.stringify(task))),
  });
  expect([response.status, await response.json()]).toEqual([
    415,
    expect.objectContaining({ detail: "Send the body without Content-Encoding." }),
  ]);
});

test("a body with more JSON fields than any schema allows is rejected before the field names are compared", async () => {
  const member = await platform.person();
  const metadata = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 1]));
  const most = await member.post("/v1/tasks", { ...task, metadata: { nested: metadata(1_500) } });
  expect(most.status, JSON.stringify(most.json)).toBe(201);
  expect(problem(await member.post("/v1/tasks", { ...task, metadata: { nested: metadata(4_001) } }))).toBe(
    "400 MALFORMED_JSON",
  );
  expect(problem(await member.post("/v1/tasks", metadata(80_000)))).toBe("400 MALFORMED_JSON");
});

test("a body over the size limit gets a response on a connection that is then closed; the next request is not affected", async () => {
  const member = await platform.person();
  const url = `http://127.0.0.1:${server.port}`;
  const headers = { authorization: `Bearer ${member.token}`, "content-type": "application/json" };
  for (let turn = 0; turn < 5; turn += 1) {
    const large = await fetch(`${url}/v1/tasks`, { method: "POST", headers, body: "x".repeat(1_100_000) });
    expect([large.status, large.headers.get("connection")]).toEqual([413, "close"]);
    await large.text();
    expect((await fetch(`${url}/live`)).status).toBe(200);
  }
});

test("a client that disconnects while it sends a body does not cause a server error", async () => {
  const member = await platform.person();
  platform.logs.length = 0;
  for (const framing of ["Content-Length: 500", "Transfer-Encoding: chunked"]) {
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    const start = framing.startsWith("C") ? "{" : "1\r\n{\r\n";
    socket.write(
      `POST /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${member.token}\r\nContent-Type: application/json\r\n${framing}\r\n\r\n${start}`,
    );
    await sleep(200);
    socket.destroy();
  }
  const requests = () =>
    platform.logs
      .map((line): Record<string, unknown> => JSON.parse(line))
      .filter((line) => line["message"] === "request");
  while (requests().length < 2) await sleep(20);
  expect(requests().map((line) => line["status"])).toEqual([400, 400]);
  expect(platform.logs.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});
