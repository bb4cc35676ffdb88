import type { MiddlewareHandler } from "hono";

/** One year, as https://hstspreload.org asks for. */
const HSTS_SECONDS = 31_536_000;

/**
 * What a browser is told about every answer: nothing here is to be framed, sniffed, run or kept. A page that needs more, as
 * the reference does, says so itself. OWASP REST Security Cheat Sheet, "Security Headers".
 */
export const secured: MiddlewareHandler = async (c, next) => {
  await next();
  const { headers } = c.res;
  const say = (name: string, value: string) => headers.has(name) || c.header(name, value);
  say("cache-control", "no-store");
  say("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  say("cross-origin-resource-policy", "same-origin");
  say("permissions-policy", "accelerometer=(), camera=(), geolocation=(), microphone=()");
  say("referrer-policy", "no-referrer");
  say("strict-transport-security", `max-age=${HSTS_SECONDS}; includeSubDomains`);
  say("x-content-type-options", "nosniff");
  say("x-frame-options", "DENY");
};
