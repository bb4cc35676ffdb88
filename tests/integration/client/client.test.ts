import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { getRequestListener } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as v from "valibot";
import { createApp } from "@gotong/api/app.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { contentTypeOf } from "../../../packages/client/src/file-type.ts";
import { GotongClient, ProblemError, type TokenStore, storageTokens } from "../../../packages/client/src/index.ts";
import { DEFAULT_RETRY, waitBefore } from "../../../packages/client/src/retry.ts";
import { mp4 } from "../../harness/files.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: true });
/** The faults of the network for the next requests, in order. Without an entry, a request passes. */
const weather: ("pass" | "lose-request" | "lose-answer" | "break-off" | "busy")[] = [];
const seen: { method: string; path: string; key: string | undefined }[] = [];
let server: Server;
let baseUrl = "";

beforeAll(async () => {
  const listener = getRequestListener(createApp().fetch);
  server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    seen.push({ method, path: url, key: headers["idempotency-key"]?.toString() });
    const today = weather.shift() ?? "pass";
    if (today === "lose-request") return void request.socket.destroy();
    if (today === "busy") return void response.writeHead(503, { "retry-after": "0" }).end("a proxy's page");
    // Breaks the connection at the first write: a response with a Content-Length is complete with its last byte, so a
    // break at the end would come too late.
    const breakOff = (first: string) => {
      const write = response.write.bind(response);
      const stop = () => (first === "" ? response.destroy() : write(first, () => response.destroy()));
      response.write = () => Boolean(stop());
      response.end = () => {
        stop();
        return response;
      };
    };
    if (today === "lose-answer") breakOff("");
    if (today === "break-off") breakOff("{");
    void listener(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  baseUrl = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const retry = { firstWaitMs: 5, longestWaitMs: 20 };
async function signedIn(onTokens: (tokens: unknown) => void = () => undefined) {
  const person = await platform.person();
  const client = new GotongClient({ baseUrl, retry, onTokens });
  await client.login({ email: person.email, password: person.password });
  seen.length = 0;
  return { client, person };
}
const task = { title: "Clear the drain", description: "Before the rain.", difficulty: "easy" } as const;

test("a member signs in, creates, finds and claims a task using only the client's operations", async () => {
  const { client, person } = await signedIn();
  const created = await client.call("createTask", { body: task });
  expect(created).toMatchObject({ creator_id: person.id, status: "open" });
  expect((await client.call("claimTask", { path: { task_id: created.id } })).assignee_id).toBe(person.id);
  expect(await client.call("getMe")).toMatchObject({ id: person.id, email: person.email });
  await client.logout();
  expect(client.isSignedIn).toBe(false);
  await expect(client.call("getMe")).rejects.toMatchObject({ code: "UNAUTHENTICATED", status: 401 });
});

test("after a lost request or response, the client retries with the same idempotency key, and the work is done once", async () => {
  const { client, person } = await signedIn();
  weather.push("lose-request", "lose-answer", "break-off", "busy");
  const created = await client.call("createTask", { body: task });
  expect(seen).toHaveLength(5);
  expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
  expect(await platform.sql`select id from tasks where creator_id = ${person.id}`).toEqual([{ id: created.id }]);
});

test("the client reports a network failure after the maximum number of attempts, and a rejection at once", async () => {
  const { client } = await signedIn();
  weather.push("lose-request", "lose-request", "lose-request", "lose-request", "lose-request");
  await expect(client.call("getMe")).rejects.toBeInstanceOf(TypeError);
  expect(seen).toHaveLength(5);
  seen.length = 0;
  const refusal = client.call("createTask", { body: { ...task, title: "" } });
  await expect(refusal).rejects.toMatchObject({
    name: "ProblemError",
    code: "VALIDATION_FAILED",
    errors: [{ field: "title", code: "too_short", message: "must not be empty" }],
  });
  expect(seen).toHaveLength(1);
});

test("ten client calls with an expired access token cause one refresh, all succeed, and onTokens gets the new tokens", async () => {
  const reported: unknown[] = [];
  const { client } = await signedIn((tokens) => reported.push(tokens));
  const back = Clock.set(() => new Date(Date.now() + 901_000));
  try {
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.call("getMe")));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  } finally {
    back();
  }
  expect(seen.filter(({ path }) => path === "/v1/auth/refresh")).toHaveLength(1);
  expect(reported).toHaveLength(2);
});

test("a client whose session was revoked elsewhere fails with INVALID_REFRESH_TOKEN and forgets the session", async () => {
  const reported: unknown[] = [];
  const { client, person } = await signedIn((tokens) => reported.push(tokens));
  await platform.sql`update sessions set ended_at = now() where user_id = ${person.id}`;
  const back = Clock.set(() => new Date(Date.now() + 901_000));
  try {
    await expect(client.call("getMe")).rejects.toMatchObject({ code: "INVALID_REFRESH_TOKEN" });
  } finally {
    back();
  }
  expect([client.isSignedIn, reported.at(-1)]).toEqual([false, undefined]);
});

test("the client iterates over all pages of a list", async () => {
  const { client, person } = await signedIn();
  const ids: string[] = [];
  for (let made = 0; made < 5; made += 1) ids.push((await client.call("createTask", { body: task })).id);
  const found: string[] = [];
  for await (const one of client.each("listTasks", { query: { creator: person.id, limit: 2 } })) found.push(one.id);
  expect(found).toEqual(ids.toReversed());
});

test("the client hashes, uploads (with progress) and submits a file, and the worker accepts the file as evidence", async () => {
  const { client, person } = await signedIn();
  const contributionId = await contributionOf(person);
  const photo = photograph();
  const parts: number[] = [];
  const evidence = await client.uploadEvidence(
    contributionId,
    new File([photo.bytes], "drain.jpg", { type: "image/jpeg" }),
    { takenAt: new Date(photo.timestamp), onProgress: (part) => parts.push(part) },
  );
  expect(evidence).toMatchObject({ status: "examining", media_hash: photo.declared.sha256 });
  expect(parts.at(-1)).toBe(1);
  expect(parts).toEqual(parts.toSorted((a, b) => a - b));
  expect((await client.waitForExamination(evidence.id, { firstPauseMs: 20 })).status).toBe("accepted");
});

test("the client renews an expired upload URL for the same upload, which counts only once towards the hourly limit", async () => {
  const person = await platform.person();
  const contributionId = await contributionOf(person);
  let isFirst = true;
  // Gives the first upload URL a wrong signature, since the storage answers it with 403 like an expired URL.
  const expiring: typeof fetch = async (url, init) => {
    const answer = await fetch(url, init);
    if (!answer.url.endsWith("/uploads") || !isFirst) return answer;
    isFirst = false;
    const ticket = v.parse(v.looseObject({ url: v.string() }), await answer.json());
    const expired = ticket.url.replace(/X-Amz-Signature=\w/, "X-Amz-Signature=x");
    return Response.json({ ...ticket, url: expired }, { status: answer.status });
  };
  const client = new GotongClient({ baseUrl, retry, fetch: expiring });
  await client.login({ email: person.email, password: person.password });
  const photo = photograph();
  const file = new File([photo.bytes], "drain.jpg", { type: "" });
  const sent = await client.uploadEvidence(contributionId, file, { takenAt: new Date(photo.timestamp) });
  expect(isFirst).toBe(false);
  expect((await client.waitForExamination(sent.id, { firstPauseMs: 20 })).status).toBe("accepted");
  expect(await platform.sql`select count(*)::int from uploads where user_id = ${person.id}`).toEqual([{ count: 1 }]);
});

test("the client uploads a large file in parts; after an interruption it uploads only the missing parts", async () => {
  const { client, person } = await signedIn();
  const contributionId = await contributionOf(person);
  const file = new File([new Uint8Array(mp4(9_000_000))], "drain.mp4", { type: "video/mp4" });
  const breaking = new AbortController();
  const first = client.uploadEvidence(contributionId, file, {
    signal: breaking.signal,
    onProgress: (part) => {
      if (part > 0.95) breaking.abort(new Error("the phone was switched off"));
    },
  });
  await expect(first).rejects.toThrow();
  const parts: number[] = [];
  const sent = await client.uploadEvidence(contributionId, file, { onProgress: (part) => parts.push(part) });
  expect(parts[0]).toBeGreaterThan(0.9);
  expect([parts.at(-1), seen.filter(({ path }) => path.endsWith("/parts")).length]).toEqual([1, 3]);
  expect((await client.waitForExamination(sent.id, { firstPauseMs: 20 })).status).toBe("accepted");
  expect(await platform.sql`select count(*)::int from uploads where user_id = ${person.id}`).toEqual([{ count: 1 }]);
});

test.each([
  ["a file sent whole", photograph().bytes, "image/jpeg"],
  ["a file sent in parts", new Uint8Array(mp4(9_000_000)), "video/mp4"],
])("a repeated upload with the same idempotency key returns the same evidence for %s", async (_, bytes, type) => {
  const person = await platform.person();
  const contributionId = await contributionOf(person);
  // The storage answers a wrong signature with 403, like the expired URL of an attempt that was interrupted long ago.
  const expiring: typeof fetch = async (url, init) => {
    const answer = await fetch(url, init);
    if (!answer.url.endsWith("/uploads") || answer.headers.get("idempotency-replayed") === null) return answer;
    const ticket = v.parse(v.looseObject({ url: v.string() }), await answer.json());
    const expired = ticket.url.replace(/X-Amz-Signature=\w/, "X-Amz-Signature=x");
    return Response.json({ ...ticket, url: expired }, { status: answer.status });
  };
  const client = new GotongClient({ baseUrl, retry, fetch: expiring });
  await client.login({ email: person.email, password: person.password });
  const options = { takenAt: new Date(), idempotencyKey: `drain of ${contributionId}`.replaceAll(" ", "-") };
  const send = () => client.uploadEvidence(contributionId, new File([bytes], "drain", { type }), options);
  const first = await send();
  expect((await send()).id).toBe(first.id);
  expect(await platform.sql`select count(*)::int from uploads where user_id = ${person.id}`).toEqual([{ count: 1 }]);
});

test("the client uploads a profile picture and waits until it is shown beside the member's name", async () => {
  const { client } = await signedIn();
  const file = new File([photograph().bytes], "me.jpg", { type: "" });
  expect((await client.uploadAvatar(file)).status).toBe("examining");
  const avatar = await client.waitForAvatar({ firstPauseMs: 20 });
  expect(avatar).toMatchObject({ status: "accepted", avatar_url: (await client.call("getMe")).avatar_url });
  const shown = await fetch(`${baseUrl}${String(avatar.avatar_url)}`);
  expect([shown.status, shown.headers.get("content-type")]).toEqual([200, "image/webp"]);
  await client.call("removeAvatar");
  expect((await client.call("getMe")).avatar_url).toBeNull();
});

test("the client rejects a file type that cannot be evidence before any request", async () => {
  const { client } = await signedIn();
  await expect(client.uploadAvatar(new Blob(["x"], { type: "application/pdf" }))).rejects.toBeInstanceOf(RangeError);
  await expect(client.uploadEvidence("x", new Blob(["x"], { type: "text/html" }))).rejects.toBeInstanceOf(RangeError);
  expect(seen).toHaveLength(0);
});

/** A token store that two clients share, as two tabs share `localStorage`. */
function sharedStore(): TokenStore {
  const values = new Map<string, string>();
  return storageTokens({
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  });
}
const refreshes = () => seen.filter(({ path }) => path === "/v1/auth/refresh").length;

test("when two tabs share a session, one refreshes, the other adopts the new tokens, and the session stays valid", async () => {
  const store = sharedStore();
  const person = await platform.person();
  const [one, other] = [new GotongClient({ baseUrl, retry, store }), new GotongClient({ baseUrl, retry, store })];
  await one.login({ email: person.email, password: person.password });
  expect(await other.call("getMe")).toMatchObject({ id: person.id });
  for (const seconds of [901, 1_802, 2_703]) {
    const back = Clock.set(() => new Date(Date.now() + seconds * 1000));
    seen.length = 0;
    try {
      // First one tab calls. After more time than the grace period for a lost response, both tabs call at the same
      // time.
      await one.call("getMe");
      Clock.set(() => new Date(Date.now() + seconds * 1000 + 60_000));
      await Promise.all([other.call("getMe"), one.call("getMe"), other.call("listTasks")]);
      expect(refreshes()).toBe(1);
    } finally {
      back();
    }
  }
});

test("two tabs whose access token expires at the same time send one refresh", async () => {
  const store = sharedStore();
  const person = await platform.person();
  const tabs = Array.from({ length: 4 }, () => new GotongClient({ baseUrl, retry, store }));
  await tabs[0]?.login({ email: person.email, password: person.password });
  await Promise.all(tabs.map((tab) => tab.call("getMe")));
  seen.length = 0;
  const back = Clock.set(() => new Date(Date.now() + 901_000));
  try {
    await Promise.all(tabs.map((tab) => tab.call("getMe")));
  } finally {
    back();
  }
  expect(refreshes()).toBe(1);
});

test("the client's setTokens adopts tokens from another process without calling onTokens", async () => {
  const reported: unknown[] = [];
  const person = await platform.person();
  const client = new GotongClient({ baseUrl, retry, onTokens: (tokens) => reported.push(tokens) });
  const tokens = { access_token: person.token, refresh_token: person.refreshToken };
  client.setTokens({ ...tokens, token_type: "Bearer", expires_in: 900 });
  expect(await client.call("getMe")).toMatchObject({ id: person.id });
  client.setTokens(undefined);
  expect([client.isSignedIn, reported]).toEqual([false, []]);
});

test("the client treats an account deletion whose response was lost as successful, and forgets the session", async () => {
  const { client, person } = await signedIn();
  weather.push("lose-answer");
  await client.call("deleteMe", { body: { password: person.password } });
  expect(client.isSignedIn).toBe(false);
  expect(await platform.sql`select deleted_at is not null as gone from users where id = ${person.id}`).toEqual([
    { gone: true },
  ]);
});

test("the client rejects an account deletion without a session as UNAUTHENTICATED", async () => {
  const client = new GotongClient({ baseUrl, retry });
  await expect(client.call("deleteMe", { body: { password: "any" } })).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
  });
});

test.each(["/gateway", "/gateway/", "/a/b//?x=1#y"])(
  "the client keeps the path of a base address: %s",
  async (suffix) => {
    const paths: string[] = [];
    const keep: typeof fetch = (url) => {
      paths.push(typeof url === "string" ? url : "");
      return Promise.resolve(Response.json({ status: "live" }));
    };
    await new GotongClient({ baseUrl: `https://api.example.org${suffix}`, fetch: keep }).call("getLive");
    expect(paths).toEqual([`https://api.example.org${suffix.replace(/\/*(\?.*)?$/, "")}/live`]);
  },
);

test.each([
  ["", "IMG_0001.JPG", "image/jpeg"],
  ["", "scan.pdf", "application/pdf"],
  ["application/octet-stream", "a.b.heic", "image/heic"],
  ["image/jpg", "whatever", "image/jpeg"],
  ["", "IMG_0002.MOV", "video/quicktime"],
  ["video/quicktime", "IMG_0002.MOV", "video/quicktime"],
  ["image/heif-sequence", "burst.heics", "image/heic"],
  ["IMAGE/PNG; x=y", "no-extension", "image/png"],
])("the client sends a file with content type %j named %s as %s", (type, name, expected) => {
  expect(contentTypeOf(new Blob(["x"], { type }), name)).toBe(expected);
});

test.each([
  ["", "notes"],
  ["", "notes.txt"],
  ["", "constructor"],
  ["text/html", "page.jpg"],
])("the client rejects a file with content type %j named %s as evidence", (type, name) => {
  expect(() => contentTypeOf(new Blob(["x"], { type }), name)).toThrow(RangeError);
});

test("the client submits a location and witnesses, and reads a list page by page", async () => {
  const { client, person } = await signedIn();
  const contributionId = await contributionOf(person);
  const takenAt = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000);
  const options = { takenAt, evidenceData: { device: "phone" } };
  const reading = { location: { lat: -6.9, lon: 107.6 }, accuracy_meters: 8 };
  const witnesses = [{ witness_name: "Ibu Sari", relationship: "peer" }] as const;
  const place = await client.proveByPlace(contributionId, reading, options);
  const named = await client.proveByWitnesses(contributionId, witnesses, options);
  const timestamp = takenAt.toISOString();
  expect([place, named]).toMatchObject([
    { evidence_type: "gps_verification", status: "accepted", timestamp },
    { evidence_type: "witness_attestation", status: "accepted", timestamp },
  ]);
  const data = await platform.sql`select evidence_data from evidence where submitted_by = ${person.id}`;
  expect(data.map((row) => row["evidence_data"])).toEqual([{ device: "phone" }, { device: "phone" }]);
  for (let made = 0; made < 3; made += 1) await client.call("createTask", { body: task });
  const sizes: number[] = [];
  for await (const page of client.pages("listTasks", { query: { creator: person.id, limit: 2 } }))
    sizes.push(page.data.length);
  expect(sizes).toEqual([2, 2]);
});

test("the client's retry delays grow, have jitter, respect Retry-After, and stop when a retry is useless", () => {
  const problem = (status: number, code: "RATE_LIMITED" | "NOT_FOUND" | "IDEMPOTENCY_KEY_IN_USE", after?: number) =>
    new ProblemError(status, { code }, after);
  const wait = (error: unknown, attempt = 1, random = 1) => waitBefore(error, attempt, DEFAULT_RETRY, random);
  expect([wait(new TypeError()), wait(new TypeError(), 2), wait(new TypeError(), 9)]).toEqual([250, 500, 20_000]);
  expect(wait(new TypeError(), 1, 0)).toBe(125);
  expect(wait(problem(429, "RATE_LIMITED", 7))).toBe(7_000);
  expect(wait(problem(429, "RATE_LIMITED", 3_600))).toBeUndefined();
  expect(wait(problem(409, "IDEMPOTENCY_KEY_IN_USE", 1))).toBe(1_000);
  expect(wait(problem(404, "NOT_FOUND"))).toBeUndefined();
  expect(wait(new Error("a bug"))).toBeUndefined();
});
