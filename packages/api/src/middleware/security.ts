import type { MiddlewareHandler } from "hono";

/** One year, as https://hstspreload.org asks for. */
const HSTS_SECONDS = 31_536_000;

/**
 * What a browser is told about every answer: nothing here is to be framed, sniffed, run or kept. OWASP REST Security Cheat Sheet,
 * "Security Headers".
 */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "accelerometer=(), camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "strict-transport-security": `max-age=${HSTS_SECONDS}; includeSubDomains`,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** Sets {@link SECURITY_HEADERS}. A page that needs other ones, as the reference does, sets them itself. */
export const secured: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) if (!c.res.headers.has(name)) c.header(name, value);
};
