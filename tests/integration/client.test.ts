import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { getRequestListener } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApp } from "@gotong/api/app.ts";
import { Clock } from "@gotong/core/clock.ts";
import { GotongClient, ProblemError } from "../../packages/client/src/index.ts";
import { DEFAULT_RETRY, waitBefore } from "../../packages/client/src/retry.ts";
import { usePlatform } from "../harness/platform.ts";
import { contributionOf, photograph, until } from "../harness/scenes.ts";

const platform = usePlatform({ workers: true });
/** What the network does to requests, one after the other; `pass` when nothing is said. */
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
    if (today === "lose-answer") response.end = () => response.destroy();
    if (today === "break-off")
      response.end = () => {
        response.write("{", () => response.destroy());
        return response;
      };
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

test("a member signs in, publishes, finds and claims, all by the document's operations", async () => {
  const { client, person } = await signedIn();
  const created = await client.call("createTask", { body: task });
  expect(created).toMatchObject({ creator_id: person.id, status: "open" });
  expect((await client.call("claimTask", { path: { task_id: created.id } })).assignee_id).toBe(person.id);
  expect(await client.call("getMe")).toMatchObject({ id: person.id, email: person.email });
  await client.logout();
  expect(client.isSignedIn).toBe(false);
  await expect(client.call("getMe")).rejects.toMatchObject({ code: "UNAUTHENTICATED", status: 401 });
});

test("a request that was lost, and one whose answer was, are sent again with the same key, and the work is done once", async () => {
  const { client, person } = await signedIn();
  weather.push("lose-request", "lose-answer", "break-off", "busy");
  const created = await client.call("createTask", { body: task });
  expect(seen).toHaveLength(5);
  expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
  expect(await platform.sql`select id from tasks where creator_id = ${person.id}`).toEqual([{ id: created.id }]);
});

test("a network that stays away is told after as many attempts as agreed; a refusal is told at once", async () => {
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

test("of 10 calls that find the access token ended, one refreshes it and all succeed; the new tokens are handed out", async () => {
  const told: unknown[] = [];
  const { client } = await signedIn((tokens) => told.push(tokens));
  const back = Clock.set(() => new Date(Date.now() + 901_000));
  try {
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.call("getMe")));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  } finally {
    back();
  }
  expect(seen.filter(({ path }) => path === "/v1/auth/refresh")).toHaveLength(1);
  expect(told).toHaveLength(2);
});

test("a session that was ended elsewhere is told as such, and forgotten", async () => {
  const told: unknown[] = [];
  const { client, person } = await signedIn((tokens) => told.push(tokens));
  await platform.sql`update refresh_tokens set revoked_at = now() where user_id = ${person.id}`;
  const back = Clock.set(() => new Date(Date.now() + 901_000));
  try {
    await expect(client.call("getMe")).rejects.toMatchObject({ code: "INVALID_REFRESH_TOKEN" });
  } finally {
    back();
  }
  expect([client.isSignedIn, told.at(-1)]).toEqual([false, undefined]);
});

test("a list is read to its end, page after page", async () => {
  const { client, person } = await signedIn();
  const ids: string[] = [];
  for (let made = 0; made < 5; made += 1) ids.push((await client.call("createTask", { body: task })).id);
  const found: string[] = [];
  for await (const one of client.each("listTasks", { query: { creator: person.id, limit: 2 } })) found.push(one.id);
  expect(found).toEqual(ids.toReversed());
});

test("a file is hashed, sent with progress and submitted, and the worker accepts it", async () => {
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
  const examined = await until(
    () => client.call("getEvidence", { path: { evidence_id: evidence.id } }),
    ({ status }) => status !== "examining",
  );
  expect(examined.status).toBe("accepted");
});

test("a file of a type that cannot be evidence is refused before anything is sent", async () => {
  const { client } = await signedIn();
  await expect(client.uploadEvidence("x", new Blob(["x"], { type: "text/html" }))).rejects.toBeInstanceOf(RangeError);
  expect(seen).toHaveLength(0);
});

test("waits grow, are spread, follow Retry-After, and end where waiting is no use", () => {
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
