/** One year, as https://hstspreload.org requires. */
const HSTS_SECONDS = 31_536_000;

/**
 * The security headers of every response, unless its handler sets others, as the reference page does: no framing, sniffing, execution or caching
 * (OWASP REST Security Cheat Sheet, "Security Headers"). Our own table, since error responses outside Hono send these headers too
 * (docs/adr/0020-hono-middleware.md).
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
