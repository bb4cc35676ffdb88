import type { Context, MiddlewareHandler } from "hono";
import { Config } from "@gotong/core/platform/config.ts";
import { AppError } from "@gotong/core/platform/error.ts";

/**
 * Header by which a page of the app asks for the cookie. An HTML form cannot send this header, and pages of other
 * origins are not allowed to.
 */
const MODE_HEADER = "x-session-mode";
/** Paths whose responses contain tokens. */
const GIVES = /^\/v1\/auth\/(login|register|refresh)$/;
const TAKES = /^\/v1\/auth\/(refresh|logout)$/;
/**
 * Lifetime of the cookie: the maximum lifetime of a session. The API does not rely on it, since the database has the
 * expiry of each session.
 */
const MAX_AGE_SECONDS = 90 * 24 * 60 * 60;

/**
 * Keeps the refresh token of a browser where no script can read it (docs/adr/0026-session-cookie.md). With `X-Session-Mode: cookie` the responses of
 * login, registration and refresh contain it in an `HttpOnly` cookie instead of the body, and refresh and logout read it from the cookie. The routes
 * and the record of idempotency keys behind this middleware still see the token in the body.
 * @throws AppError FORBIDDEN for a page of another site; VALIDATION_FAILED from the route if the cookie is missing
 */
export const sessionCookie: MiddlewareHandler = async (c, next) => {
  const mode = c.req.header(MODE_HEADER);
  if (mode !== "cookie" || c.req.method !== "POST") return next();
  assertSameOrigin(c);
  if (TAKES.test(c.req.path)) replaceBody(c, tokenIn(c.req.header("cookie") ?? "") ?? "none");
  await next();
  if (c.req.path === "/v1/auth/logout" || (TAKES.test(c.req.path) && c.res.status === 401)) return setCookie(c, "", 0);
  if (!GIVES.test(c.req.path) || !c.res.ok) return;
  const answer: unknown = await c.res.json();
  if (typeof answer !== "object" || answer === null) throw new AppError("INTERNAL");
  const token: unknown = Reflect.get(answer, "refresh_token");
  if (typeof token !== "string") throw new AppError("INTERNAL");
  const { status, headers } = c.res;
  headers.delete("content-length");
  c.res = new Response(JSON.stringify({ ...answer, refresh_token: "" }), { status, headers });
  setCookie(c, token, MAX_AGE_SECONDS);
};

/**
 * Requires that the request comes from a page of this origin. The browser itself sends this information, and no page can change it. This is a third
 * layer of defence: the mode header needs a preflight from other origins, which the API never allows, and other origins do not send the cookie.
 */
function assertSameOrigin(c: Context): void {
  const site = c.req.header("sec-fetch-site");
  const isSame = site === undefined ? hasOwnOrigin(c) : site === "same-origin";
  if (!isSame) throw new AppError("FORBIDDEN", { detail: "The session cookie is for pages of this origin only." });
}

/**
 * Checks the origin for browsers without Fetch Metadata (Safari before 16.4). Behind CloudFront another header contains the host; that header is used
 * only if a setting names a trusted proxy.
 */
function hasOwnOrigin(c: Context): boolean {
  const origin = c.req.header("origin");
  const isBehindProxy = Config.section("http").CLIENT_ADDRESS_HEADER !== undefined;
  const host = (isBehindProxy ? c.req.header("x-forwarded-host") : undefined) ?? c.req.header("host");
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/** Puts the token into the body, from which the following handlers read it. */
function replaceBody(c: Context, token: string): void {
  const headers = new Headers(c.req.raw.headers);
  headers.set("content-type", "application/json");
  headers.delete("content-length");
  const body = JSON.stringify({ refresh_token: token });
  c.req.raw = new Request(c.req.url, { method: "POST", headers, body });
  c.req.bodyCache = {};
}

/** Whether this is the local stack, which has no HTTPS. The prefix `__Secure-` restricts a cookie to HTTPS. */
const isLocal = () => Config.section("service").STAGE === "dev";
const cookieName = () => (isLocal() ? "gotong_refresh" : "__Secure-gotong_refresh");

/** The token in the cookies. If two cookies have the name, the first is used: browsers send the cookie with the longest path first. */
function tokenIn(cookies: string): string | undefined {
  const pair = cookies.split(";").find((one) => one.trim().startsWith(`${cookieName()}=`));
  return pair?.slice(pair.indexOf("=") + 1).trim() || undefined;
}

function setCookie(c: Context, value: string, maxAgeSeconds: number): void {
  const parts = [
    `${cookieName()}=${value}`,
    "Path=/v1/auth",
    `Max-Age=${maxAgeSeconds}`,
    "HttpOnly",
    "SameSite=Strict",
  ];
  c.res.headers.append("set-cookie", [...parts, ...(isLocal() ? [] : ["Secure"])].join("; "));
}
