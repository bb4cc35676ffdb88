import type { Context, MiddlewareHandler } from "hono";
import { Config } from "@gotong/core/platform/config.ts";
import { AppError } from "@gotong/core/platform/error.ts";

/** A page of the app asks for the cookie with this header, which no form can send and no other origin may. */
const MODE_HEADER = "x-session-mode";
/** Paths whose answers have tokens, and paths that take the refresh token. */
const GIVES = /^\/v1\/auth\/(login|register|refresh)$/;
const TAKES = /^\/v1\/auth\/(refresh|logout)$/;
/** As long as the longest session: the API decides earlier, by its own record. */
const MAX_AGE_SECONDS = 90 * 24 * 60 * 60;

/**
 * Keeps the refresh token of a browser where no script can read it (docs/adr/0026-session-cookie.md): with `X-Session-Mode: cookie` the answers of
 * login, registration and refresh put it into an `HttpOnly` cookie and leave it out of the body, and refresh and logout take it
 * from there. The routes and the record of idempotency keys behind this see the token in the body, as always.
 * @throws AppError FORBIDDEN for a page of another site; VALIDATION_FAILED from the route without a cookie
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
 * A browser says where a request comes from, and no page can change that. The header of the mode needs a preflight from
 * other origins, which the API never allows, and the cookie is not sent by them: this is the third lock, not the only one.
 */
function assertSameOrigin(c: Context): void {
  const site = c.req.header("sec-fetch-site");
  const isSame = site === undefined ? hasOwnOrigin(c) : site === "same-origin";
  if (!isSame) throw new AppError("FORBIDDEN", { detail: "The session cookie is for pages of this origin only." });
}

/**
 * For browsers without Fetch Metadata (Safari before 16.4). Behind CloudFront the host is in another header, which counts only where a
 * setting names a trusted proxy.
 */
function hasOwnOrigin(c: Context): boolean {
  const origin = c.req.header("origin");
  const isBehindProxy = Config.section("http").CLIENT_ADDRESS_HEADER !== undefined;
  const host = (isBehindProxy ? c.req.header("x-forwarded-host") : undefined) ?? c.req.header("host");
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/** The rest of the chain reads the token from the body. */
function replaceBody(c: Context, token: string): void {
  const headers = new Headers(c.req.raw.headers);
  headers.set("content-type", "application/json");
  headers.delete("content-length");
  const body = JSON.stringify({ refresh_token: token });
  c.req.raw = new Request(c.req.url, { method: "POST", headers, body });
  c.req.bodyCache = {};
}

/** `__Secure-` binds the name to HTTPS; the local stack has none. */
const isLocal = () => Config.section("service").STAGE === "dev";
const cookieName = () => (isLocal() ? "gotong_refresh" : "__Secure-gotong_refresh");

/** Of two cookies of the name the first counts: browsers send the one with the longest path first. */
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
