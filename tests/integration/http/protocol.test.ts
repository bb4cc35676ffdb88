import { afterEach, beforeEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { createApp } from "@gotong/api/app.ts";
import { accepts } from "@gotong/api/middleware/content-negotiation.ts";
import { DEPTH_LIMIT, findJsonFlaw } from "@gotong/api/middleware/json.ts";
import { Limit } from "@gotong/core/platform/limit/index.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Answer, usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
const task = taskInput({ title: "Clear the drain", description: "Before the rain." });
const codeOf = (answer: Answer) => `${answer.status} ${String(answer.json["code"])}`;
const ORIGIN = "https://app.example.org";
const use = (variables: Record<string, string>) => Config.use({ ...platform.variables, ...variables });

beforeEach(() => Limit.forget());
afterEach(() => use({}));

test("an unsupported method gets 405 with Allow, and an unknown path 404, even without a token", async () => {
  const wrong = await platform.request("PUT", "/v1/tasks/01890000-0000-7000-8000-000000000000");
  expect([codeOf(wrong), wrong.headers.get("allow")]).toEqual([
    "405 METHOD_NOT_ALLOWED",
    expect.stringMatching(/GET, HEAD, OPTIONS/),
  ]);
  const operations = await platform.request("POST", "/live");
  expect([codeOf(operations), operations.headers.get("allow")]).toEqual([
    "405 METHOD_NOT_ALLOWED",
    "GET, HEAD, OPTIONS",
  ]);
  for (const path of ["/v1/nothing", "/v1/tasks/1/nothing", "/v1", "/", "/v1/tasks/"])
    expect(codeOf(await platform.request("GET", path)), path).toBe("404 NOT_FOUND");
});

test("HEAD answers like GET without a body, and OPTIONS returns the supported methods", async () => {
  const member = await platform.person();
  const [get, head] = [await member.get("/v1/me"), await platform.request("HEAD", "/v1/me", { token: member.token })];
  expect([head.status, head.json]).toEqual([200, {}]);
  expect(head.headers.get("etag")).toBe(get.headers.get("etag"));
  const options = await platform.request("OPTIONS", "/v1/tasks");
  expect([options.status, options.headers.get("allow")]).toEqual([204, expect.stringMatching(/POST/)]);
});

test("a request that does not accept JSON gets 406; media ranges, weights and a missing Accept are supported", async () => {
  const ask = (accept: string) => platform.request("GET", "/live", { headers: { accept } });
  expect(codeOf(await ask("text/html"))).toBe("406 NOT_ACCEPTABLE");
  expect(codeOf(await ask("application/json;q=0"))).toBe("406 NOT_ACCEPTABLE");
  for (const accept of ["*/*", "application/*", "text/html, application/json;q=0.1", "text/html,*/*;q=0.8", ""])
    expect((await ask(accept)).status, accept).toBe(200);
  expect(accepts("*/*, application/json;q=0", "application/json")).toBe(false);
});

test("a body that is not JSON gets 415, a body over 1 MiB 413, and deep nesting or a duplicate name 400", async () => {
  const member = await platform.person();
  const send = (body: string, type = "application/json") =>
    platform.request("POST", "/v1/tasks", { token: member.token, body, headers: { "content-type": type } });
  expect(codeOf(await send("a=1", "application/x-www-form-urlencoded"))).toBe("415 UNSUPPORTED_MEDIA_TYPE");
  expect(codeOf(await send(JSON.stringify({ ...task, description: "x".repeat(1024 * 1024) })))).toBe(
    "413 PAYLOAD_TOO_LARGE",
  );
  const deep = JSON.stringify(task).replace(/}$/, `,"metadata":{"a":${"[".repeat(40)}${"]".repeat(40)}}}`);
  expect(codeOf(await send(deep))).toBe("400 MALFORMED_JSON");
  const twice = JSON.stringify(task).replace(/}$/, ',"t\\u0069tle":"Another"}');
  expect(codeOf(await send(twice))).toBe("400 MALFORMED_JSON");
});

test("findJsonFlaw() reports deep nesting and duplicate names, and accepts other JSON", () => {
  const fine = [
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    '["a","a"]',
    '{"a":"a","b":"a"}',
    '{"a":"\\"{[","b":1}',
    '"',
    "",
    "{",
  ];
  expect(fine.map(findJsonFlaw)).toEqual(fine.map(() => undefined));
  expect(findJsonFlaw('{"a":[{"b":1,"c":{},"b":2}]}')).toBe("duplicate");
  expect(findJsonFlaw("[".repeat(DEPTH_LIMIT))).toBeUndefined();
  expect(findJsonFlaw("[".repeat(DEPTH_LIMIT + 1))).toBe("depth");
});

test("a list has an ETag, and a conditional request gets 304 until the list changes", async () => {
  const member = await platform.person();
  for (const path of [`/v1/tasks?creator=${member.id}`, "/v1/contributions?user=me"]) {
    const tag = (await member.get(path)).headers.get("etag") ?? "";
    expect(tag).toMatch(/^W\/"[\w-]{27}"$/);
    expect((await member.get(path, { "if-none-match": tag })).status).toBe(304);
    await member.post("/v1/tasks", task);
    await member.post("/v1/contributions", { contribution_type: "custom", title: "Dug a well" });
    expect((await member.get(path, { "if-none-match": tag })).status).toBe(200);
  }
});

test("an object has an ETag, and a conditional request gets 304 until the object changes", async () => {
  const member = await platform.person();
  const path = `/v1/tasks/${String((await member.post("/v1/tasks", task)).json["id"])}`;
  const first = await member.get(path);
  const tag = first.headers.get("etag") ?? "";
  expect([tag, first.headers.get("cache-control")]).toEqual([
    expect.stringMatching(/^W\/"[\w-]{27}"$/),
    "private, no-cache",
  ]);
  for (const asked of [tag, tag.slice(2), `"other", ${tag}`, "*"]) {
    const again = await member.get(path, { "if-none-match": asked });
    expect([again.status, again.json, again.headers.get("etag")], asked).toEqual([304, {}, tag]);
    expect(again.headers.get("x-request-id")).not.toBeNull();
  }
  await member.post(`${path}/claim`);
  expect((await member.get(path, { "if-none-match": tag })).status).toBe(200);
  const reputation = await member.get(`/v1/users/${member.id}/reputation`);
  expect([reputation.headers.get("etag"), reputation.headers.get("cache-control")]).toEqual([null, "no-store"]);
});

test("only pages of the configured CORS origins may read responses, and never with cookies", async () => {
  use({ CORS_ORIGINS: `${ORIGIN},https://other.example.org` });
  const preflight = await platform.request("OPTIONS", "/v1/tasks", {
    headers: { origin: ORIGIN, "access-control-request-method": "POST" },
  });
  expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, ORIGIN]);
  expect(preflight.headers.get("access-control-allow-headers")).toContain("idempotency-key");
  const listed = await platform.request("GET", "/v1/me", { headers: { origin: ORIGIN } });
  expect([listed.status, listed.headers.get("access-control-allow-origin")]).toEqual([401, ORIGIN]);
  for (const origin of ["https://evil.example", "null", `${ORIGIN}.evil.example`, "http://app.example.org"]) {
    const other = await platform.request("GET", "/v1/me", { headers: { origin } });
    expect(other.headers.get("access-control-allow-origin"), origin).toBeNull();
    expect(other.headers.get("vary")).toMatch(/origin/i);
  }
  expect(listed.headers.get("access-control-allow-credentials")).toBeNull();
  expect(() => {
    use({ CORS_ORIGINS: "*" });
    Config.check(["http"]);
  }).toThrow("CORS_ORIGINS");
});

test("every response has the security headers, including problems and 404", async () => {
  for (const path of ["/live", "/v1/me", "/v1/nothing"]) {
    const { headers } = await platform.request("GET", path);
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "strict-transport-security": expect.stringContaining("max-age=31536000"),
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
  }
});

test("the access token is read only from Authorization, or from the configured header, which Vary then names", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const me = (headers: Record<string, string>) => platform.request("GET", "/v1/me", { headers });
  const bearer = (person: { token: string }) => `Bearer ${person.token}`;
  use({});
  const direct = await me({ authorization: bearer(member), "x-viewer-authorization": bearer(other) });
  expect([direct.json["id"], direct.headers.get("vary")]).toEqual([member.id, expect.not.stringMatching(/viewer/)]);
  expect((await me({ "x-viewer-authorization": bearer(other) })).status).toBe(401);
  use({ AUTHORIZATION_HEADER: "X-Viewer-Authorization" });
  const handedOn = await me({ authorization: "AWS4-HMAC-SHA256 x", "x-viewer-authorization": bearer(other) });
  expect(handedOn.json["id"]).toBe(other.id);
  expect(handedOn.headers.get("vary")).toMatch(/(^|, )authorization, x-viewer-authorization(,|$)/);
  expect((await me({ authorization: bearer(member) })).status).toBe(401);
});

test("responses are compressed if the client accepts it, except responses with tokens", async () => {
  const member = await platform.person();
  const codingOf = async (path: string, body?: Record<string, string>) => {
    const answer = await createApp().request(path, {
      method: body ? "POST" : "GET",
      headers: {
        "accept-encoding": "gzip",
        authorization: `Bearer ${member.token}`,
        ...(body ? { "content-type": "application/json" } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    expect(answer.status).toBe(200);
    return answer.headers.get("content-encoding");
  };
  expect(await codingOf("/v1/me/export")).toBe("gzip");
  expect(await codingOf("/v1/auth/refresh", { refresh_token: member.refreshToken })).toBeNull();
});

test("/metrics counts requests by route pattern instead of path, in Prometheus' text format", async () => {
  Metrics.reset();
  const member = await platform.person();
  await member.get(`/v1/users/${member.id}`);
  await platform.request("BREW", "/v1/unknown");
  const answer = await (await platform.raw("GET", "/metrics")).text();
  expect(answer).toContain('http_requests_total{method="GET",route="/v1/users/:user_id",status="200"} 1');
  expect(answer).toContain('http_requests_total{method="other",route="unmatched",status="404"} 1');
  expect(answer).toContain('http_request_duration_seconds_bucket{method="GET",route="/v1/users/:user_id",le="+Inf"} 1');
  expect(answer).toContain("http_requests_in_progress 1");
  expect(answer).toMatch(/db_query_duration_seconds_count [1-9]/);
  expect(answer).not.toContain(member.id);
  const names = `http_requests_total http_request_duration_seconds http_requests_in_progress webhook_delivery_total
    webhook_delivery_success webhook_delivery_failure webhook_delivery_latency webhook_retry_count webhook_outbox_pending
    webhook_operator_needed_total webhook_dead_letters webhook_deliveries_paused db_connections_active db_query_duration_seconds cache_hits_total cache_misses_total
    file_uploads_total file_upload_size_bytes evidence_processing_duration_seconds`;
  for (const name of names.split(/\s+/))
    expect(answer).toMatch(new RegExp(`^# TYPE ${name} (counter|gauge|histogram)$`, "m"));
});

test("on Lambda /metrics does not exist; the one log line of a request has its duration and query times, and creates no paid metrics", async () => {
  const { token } = await platform.person();
  Metrics.reset();
  Metrics.forLambda();
  try {
    expect(codeOf(await platform.request("GET", "/metrics"))).toBe("404 NOT_FOUND");
    platform.logs.length = 0;
    await platform.request("GET", "/v1/tasks", { token });
    Metrics.flush();
    const lines = platform.logs.map((line): unknown => JSON.parse(line));
    expect(lines).toEqual([
      expect.objectContaining({
        message: "request",
        route: "/v1/tasks",
        method: "GET",
        status: 200,
        duration_ms: expect.any(Number),
        db_query_duration_seconds_count: expect.any(Number),
        db_query_duration_seconds_max: expect.any(Number),
      }),
    ]);
    expect(JSON.stringify(lines)).not.toContain("_aws");
  } finally {
    Metrics.reset();
  }
});
