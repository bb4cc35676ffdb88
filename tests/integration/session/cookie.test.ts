import { beforeAll, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
const NAME = "__Secure-gotong_refresh";
const FROM_PAGE = { "x-session-mode": "cookie", "sec-fetch-site": "same-origin" };

let person: Person;
beforeAll(async () => {
  person = await platform.person();
});

const post = (path: string, headers: Record<string, string>, body: object = {}) =>
  platform.raw("POST", `/v1/auth/${path}`, { headers, body });
const login = (headers: Record<string, string> = FROM_PAGE) =>
  post("login", headers, { email: person.email, password: person.password });
const cookieOf = (answer: Response) => answer.headers.getSetCookie()[0] ?? "";
const bodyOf = async (answer: Response): Promise<Record<string, unknown>> => Object(await answer.json());
const tokenOf = (answer: Response) => /=([^;]*)/.exec(cookieOf(answer))?.[1] ?? "";
const withToken = (token: string, headers: Record<string, string> = FROM_PAGE) => ({
  ...headers,
  cookie: `${NAME}=${token}`,
});

test("a page that requests cookie mode gets the refresh token in a cookie that scripts cannot read, and not in the body", async () => {
  const answer = await login();
  expect(answer.status).toBe(200);
  expect(cookieOf(answer)).toMatch(
    /^__Secure-gotong_refresh=[\w-]{20,}; Path=\/v1\/auth; Max-Age=7776000; HttpOnly; SameSite=Strict; Secure$/,
  );
  const body = await bodyOf(answer);
  expect(body["refresh_token"]).toBe("");
  expect(JSON.stringify(body)).not.toContain(tokenOf(answer));
});

test("clients without cookie mode get the refresh token in the body, and no cookie", async () => {
  const answer = await login({});
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect((await bodyOf(answer))["refresh_token"]).toMatch(/^[\w-]{20,}$/);
});

test("a refresh reads the token from the cookie and replaces the cookie; a logout ends the session and clears the cookie", async () => {
  const first = tokenOf(await login());
  const refreshed = await post("refresh", withToken(first));
  expect(refreshed.status).toBe(200);
  const second = tokenOf(refreshed);
  expect(second).not.toBe(first);
  const access_token = String((await bodyOf(refreshed))["access_token"]);
  expect((await platform.request("GET", "/v1/me", { token: access_token })).status).toBe(200);
  const left = await post("logout", withToken(second));
  expect(left.status).toBe(204);
  expect(cookieOf(left)).toMatch(/^__Secure-gotong_refresh=; .*Max-Age=0/);
  expect((await platform.request("GET", "/v1/me", { token: access_token })).status).toBe(401);
  const late = await post("refresh", withToken(second));
  expect(late.status).toBe(401);
  expect(cookieOf(late)).toMatch(/Max-Age=0/);
});

test("a refresh repeated with its idempotency key gets the same cookie again", async () => {
  const token = tokenOf(await login());
  const headers = { ...withToken(token), "idempotency-key": crypto.randomUUID() };
  const [first, again] = [await post("refresh", headers), await post("refresh", headers)];
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  expect(tokenOf(again)).toBe(tokenOf(first));
  expect((await bodyOf(again))["refresh_token"]).toBe("");
});

test.each([
  ["another site", { "sec-fetch-site": "cross-site" }],
  ["another subdomain", { "sec-fetch-site": "same-site" }],
  ["a page of another origin in an old browser", { origin: "https://evil.example", host: "app.example" }],
  ["a client that does not state its origin", {}],
  [
    "a page of another origin that sets the header of a proxy, where none is configured",
    { origin: "https://evil.example", host: "app.example", "x-forwarded-host": "evil.example" },
  ],
])("the refresh cookie is rejected for %s", async (_, headers: Record<string, string>) => {
  const token = tokenOf(await login());
  const answer = await post("refresh", withToken(token, { "x-session-mode": "cookie", ...headers }));
  expect(answer.status).toBe(403);
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect((await post("refresh", withToken(token))).status).toBe(200);
});

test("without the header of cookie mode the refresh cookie has no effect", async () => {
  const token = tokenOf(await login());
  const answer = await post("refresh", withToken(token, { "sec-fetch-site": "same-origin" }));
  expect(answer.status).toBe(400);
});

test("without Sec-Fetch-Site (old browsers), a page of the app's own origin can refresh by cookie", async () => {
  const headers = { "x-session-mode": "cookie", origin: "http://localhost", host: "localhost" };
  const token = tokenOf(await login(headers));
  expect((await post("refresh", withToken(token, headers))).status).toBe(200);
});

test("the host of the page is read from X-Forwarded-Host only if a trusted proxy is configured", async () => {
  const headers = { "x-session-mode": "cookie", origin: "https://app.example", host: "internal" };
  const forwarded = { ...headers, "x-forwarded-host": "app.example" };
  expect((await login(forwarded)).status).toBe(403);
  Config.use({ ...platform.variables, CLIENT_ADDRESS_HEADER: "cloudfront-viewer-address" });
  try {
    expect((await login(forwarded)).status).toBe(200);
    expect((await login(headers)).status).toBe(403);
  } finally {
    Config.use(platform.variables);
  }
});
