import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as v from "valibot";
import { type Server, serve } from "@gotong/api/serve.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { operations } from "../../unit/contract/document.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
let server: Server;
let member: Person;
beforeAll(async () => {
  Config.use({
    ...platform.variables,
    HOST: "127.0.0.1",
    PORT: "0",
    HTTP_HEADERS_SECONDS: "1",
    HTTP_REQUEST_SECONDS: "2",
    HTTP_LARGE_BODIES_MIB: "4",
  });
  server = await serve();
  member = await platform.person();
});
afterAll(() => server.close());

/** Sends a string as it is, and reads until the server closes the connection. @returns all responses as one string */
const sendRaw = (text: string): Promise<string> => sendBytes(Buffer.from(text));
/** Like {@link sendRaw}, with one byte for each character (Latin-1). */
const sendLatin1 = (text: string): Promise<string> => sendBytes(Buffer.from(text, "latin1"));

function sendBytes(bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1", () => socket.write(bytes));
    let read = "";
    socket.on("data", (chunk) => (read += chunk.toString()));
    socket.once("error", reject);
    socket.once("close", () => resolve(read));
  });
}

/** Checks that a response is a complete problem document of the catalogue, with a request id. @returns its status and code */
function problemIn(answer: string): string {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  const [line = "", ...lines] = head.split("\r\n");
  const headers = new Headers(
    lines.map((header): [string, string] => [header.split(": ")[0] ?? "", header.split(": ").slice(1).join(": ")]),
  );
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(Number(headers.get("content-length"))).toBe(Buffer.byteLength(body));
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("connection")).toBe("close");
  const document = JSON.parse(body);
  expect(document).toMatchObject({ status, type: `/docs/problems#${document.code}` });
  expect(document.request_id).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers.get("x-request-id")).toBe(document.request_id);
  return `${status} ${document.code}`;
}

const get = (...lines: string[]) => ["GET /live HTTP/1.1", ...lines, "Connection: close", "", ""].join("\r\n");

const post = (version: string, header: string) =>
  `POST /v1/auth/logout HTTP/${version}\r\nHost: a\r\n${header}\r\nContent-Type: application/json\r\n\r\n2\r\n{}\r\n0\r\n\r\n`;

test.each([
  ["two hosts", get("Host: api.example", "Host: evil.example"), "400 MALFORMED_REQUEST"],
  ["the same host twice", get("Host: api.example", "host: api.example"), "400 MALFORMED_REQUEST"],
  ["no host", get("Accept: */*"), "400 MALFORMED_REQUEST"],
  ["an invalid host", get("Host: a b"), "400 MALFORMED_REQUEST"],
  ["two tokens", get("Host: a", "Authorization: Bearer a.b.c", "Authorization: Bearer d.e.f"), "400 MALFORMED_REQUEST"],
  [
    "two content types",
    get("Host: a", "Content-Type: text/plain", "Content-Type: application/json"),
    "400 MALFORMED_REQUEST",
  ],
  [
    "an authority that differs from Host",
    "GET http://evil/live HTTP/1.1\r\nHost: api.example\r\n\r\n",
    "400 MALFORMED_REQUEST",
  ],
  [
    "a port that differs from Host",
    "GET http://api.example:81/live HTTP/1.1\r\nHost: api.example\r\n\r\n",
    "400 MALFORMED_REQUEST",
  ],
  ["an authority with a user", "GET http://u@a/live HTTP/1.1\r\nHost: u@a\r\n\r\n", "400 MALFORMED_REQUEST"],
  ["no path", "OPTIONS * HTTP/1.1\r\nHost: api.example\r\n\r\n", "400 MALFORMED_REQUEST"],
  [
    "a scheme other than HTTP",
    "GET ftp://api.example/live HTTP/1.1\r\nHost: api.example\r\n\r\n",
    "400 MALFORMED_REQUEST",
  ],
  ["a dot segment", "GET /docs/../v1/me HTTP/1.1\r\nHost: a\r\n\r\n", "400 MALFORMED_REQUEST"],
  ["an encoded dot segment", "GET /docs/.%2E/v1/me HTTP/1.1\r\nHost: a\r\n\r\n", "400 MALFORMED_REQUEST"],
  ["a dot segment at the end", "GET /v1/tasks/.?limit=1 HTTP/1.1\r\nHost: a\r\n\r\n", "400 MALFORMED_REQUEST"],
  ["a dot segment in its URL", "GET http://a/docs/%2e%2e/live HTTP/1.1\r\nHost: a\r\n\r\n", "400 MALFORMED_REQUEST"],
  ["a backslash in its path", "GET /v1\\me HTTP/1.1\r\nHost: a\r\n\r\n", "400 MALFORMED_REQUEST"],
  ["a fragment", "GET /v1/me#x HTTP/1.1\r\nHost: a\r\n\r\n", "400 MALFORMED_REQUEST"],
  ["text that is not HTTP", "hello\r\n\r\n", "400 MALFORMED_REQUEST"],
  ["two lengths", get("Host: a", "Content-Length: 1", "Content-Length: 2"), "400 MALFORMED_REQUEST"],
  ["a length and chunks", get("Host: a", "Content-Length: 1", "Transfer-Encoding: chunked"), "400 MALFORMED_REQUEST"],
  ["a compressed transfer", post("1.1", "Transfer-Encoding: gzip, chunked"), "400 MALFORMED_REQUEST"],
  ["chunks in HTTP/1.0", post("1.0", "Transfer-Encoding: chunked"), "400 MALFORMED_REQUEST"],
  ["the method CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "400 MALFORMED_REQUEST"],
  ["a folded header", get("Host: a", "X-A: b", " c"), "400 MALFORMED_REQUEST"],
  ["headers of 20 KB", get("Host: a", `X-Long: ${"a".repeat(20_000)}`), "431 HEADERS_TOO_LARGE"],
  ["a path of 20 KB", `GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, "431 HEADERS_TOO_LARGE"],
  ["an expectation", get("Host: a", "Expect: a miracle"), "417 EXPECTATION_FAILED"],
  ["half of its headers", "GET /live HTTP/1.1\r\nHost: api.exa", "408 REQUEST_TIMEOUT"],
  [
    "half of its body",
    'POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"email":',
    "408 REQUEST_TIMEOUT",
  ],
])("a request with %s is rejected with a problem document", async (_, text, expected) => {
  expect(problemIn(await sendRaw(text))).toBe(expected);
});

test.each(["TRACE", "CONNECT", "PROPFIND"])(
  "the method %s is rejected, and nothing of the request is echoed",
  async (method) => {
    const answer = await sendRaw(`${method} /v1/me HTTP/1.1\r\nHost: a\r\nX-Canary: seen\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toContain("seen");
  },
);

test("a request line with an absolute URL for the same Host is answered normally", async () => {
  const lines = (target: string) =>
    `GET ${target} HTTP/1.1\r\nHost: API.example\r\nAuthorization: Bearer ${member.token}\r\nConnection: close\r\n\r\n`;
  for (const target of ["/v1/me", "http://api.example/v1/me", "http://api.example:80/v1/me"]) {
    const answer = await sendRaw(lines(target));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain(member.id);
  }
});

test("a request URL with dots that do not form a path segment, or with dots in the query, is accepted", async () => {
  for (const target of ["/v1/..me", "/v1/me..", "/v1/.well-known", "/v1/no/%2e%2ex?at=/../y"])
    expect(await sendRaw(get("Host: a").replace(/^GET \S+/, `GET ${target}`)), target).toMatch(/^HTTP\/1\.1 404 /);
});

test("HTTP/1.0 requests need no Host, and the server answers Expect: 100-continue", async () => {
  expect(await sendRaw("GET /live HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 /);
  const body = JSON.stringify({ email: "unknown@example.org", password: "no such password" });
  const answer = await sendRaw(
    `POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 401 /);
});

test("the response to invalid bytes after a complete request never precedes the response to that request", async () => {
  const answer = await sendRaw("GET /live HTTP/1.1\r\nHost: a\r\n\r\nhello\r\n\r\n");
  expect(answer.match(/^HTTP\/1\.1 \d{3}/gm)?.length).toBeLessThanOrEqual(2);
  expect(answer).not.toMatch(/HTTP\/1\.1 400[\s\S]*HTTP\/1\.1 200/);
});

test("pipelined requests are answered in order; a connection with more than nine is closed", async () => {
  const requests = (count: number) => "GET /live HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count);
  const answers = async (text: string) => (await sendRaw(text)).match(/HTTP\/1\.1 200/g)?.length ?? 0;
  expect(await answers(`${requests(8)}${get("Host: a")}`)).toBe(9);
  expect(await answers(requests(500))).toBeLessThanOrEqual(9);
});

test("a body in very many tiny chunks is rejected; a body in chunks of usual sizes or in few small chunks is read", async () => {
  const body = (size: number, chunks: number) => {
    const text = JSON.stringify({ refresh_token: "x" }).padEnd(size * chunks);
    const pieces = Array.from({ length: chunks }, (_, at) => text.slice(at * size, (at + 1) * size));
    return pieces.map((piece) => `${size.toString(16)}\r\n${piece}\r\n`).join("");
  };
  const send = (size: number, chunks: number) =>
    sendRaw(
      `POST /v1/auth/logout HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${body(size, chunks)}0\r\n\r\n`,
    );
  expect(problemIn(await send(1, 10_000))).toBe("400 MALFORMED_REQUEST");
  expect(problemIn(await send(100, 1_000))).toBe("400 MALFORMED_REQUEST");
  expect(await send(2, 30)).toMatch(/^HTTP\/1\.1 204 /);
  expect(await send(1_000, 900)).toMatch(/^HTTP\/1\.1 204 /);
});

test("large bodies that one address sends concurrently are limited, and small bodies are still read", async () => {
  const lines = (length: string) =>
    `POST /v1/auth/logout HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${length}\r\nConnection: close\r\n\r\n`;
  const half = sendRaw(`${lines("Content-Length: 1000000")}{`);
  const refused = await sendRaw(`${lines("Content-Length: 100000")}{`);
  expect(problemIn(refused)).toBe("429 RATE_LIMITED");
  expect(refused).toMatch(/\r\nretry-after: \d+\r\n/);
  expect(await sendRaw(`${lines("Content-Length: 21")}{"refresh_token":"x"}`)).toMatch(/^HTTP\/1\.1 204 /);
  expect(problemIn(await half)).toBe("408 REQUEST_TIMEOUT");
  expect(await sendRaw(lines(`Content-Length: 100000`) + '{"refresh_token":"x"}'.padEnd(100_000))).toMatch(
    /^HTTP\/1\.1 204 /,
  );
});

test("a body that is not UTF-8 is rejected, and no byte of it is replaced", async () => {
  const body = '{"email":"a@example.org","password":"a long password \xff\xfe"}';
  const answer = await sendLatin1(
    `POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain("MALFORMED_JSON");
  expect(answer).toContain("not UTF-8");
});

test("the longest documented headers and cursor fit into one request; a header with one more character is rejected", async () => {
  const lengths = operations.flatMap(({ parameters }) =>
    parameters.flatMap(({ name, in: where, schema }) =>
      where === "header" ? [[name, v.parse(v.number(), schema["maxLength"])] as const] : [],
    ),
  );
  const longest = [...new Map(lengths)];
  expect(longest.map(([name]) => name).toSorted()).toEqual(["Idempotency-Key", "If-None-Match", "X-Request-Id"]);
  const ask = async (headers: Readonly<Record<string, string>>) => {
    const lines = Object.entries({ ...headers, Authorization: `Bearer ${member.token}` }).map(([a, b]) => `${a}: ${b}`);
    const target = `/v1/me?cursor=${"a".repeat(2_000)}`;
    const answer = await sendRaw(
      `GET ${target} HTTP/1.1\r\nHost: a\r\n${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`,
    );
    return answer.slice(9, 12);
  };
  const filled = Object.fromEntries(longest.map(([name, length]) => [name, "a".repeat(length)]));
  // The headers fit, so only the parameter is rejected, which the route does not declare.
  expect(await ask(filled)).toBe("400");
  for (const [name, length] of longest)
    expect([name, await ask({ ...filled, [name]: "a".repeat(length + 1) })]).toEqual([
      name,
      name === "Idempotency-Key" ? "400" : "431",
    ]);
  expect(await platform.request("GET", "/v1/me", { headers: { "x-request-id": "a".repeat(2_049) } })).toMatchObject({
    status: 431,
    json: { code: "HEADERS_TOO_LARGE", detail: "X-Request-Id may have at most 2048 characters." },
  });
});
