import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Tolerance for the timestamp of an attempt; attempts outside of it are rejected as replays. */
const TOLERANCE_SECONDS = 300;

/**
 * Verifies both signatures over the raw bytes, in constant time, with every valid secret.
 * @returns the reason of a rejection; undefined if valid
 */
export function refusal(
  body: Buffer,
  headers: IncomingHttpHeaders,
  secrets: readonly string[],
  now: Date,
): string | undefined {
  const one = (name: string) => String(headers[name] ?? "");
  const own = one("x-gr-signature");
  if (!secrets.some((secret) => isSame(own, `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`)))
    return "bad_x_gr_signature";
  const [id, timestamp] = [one("webhook-id"), one("webhook-timestamp")];
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS)
    return "stale_timestamp";
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const given = one("webhook-signature").split(" ");
  const expected = secrets.map((secret) => `v1,${createHmac("sha256", secret).update(signed).digest("base64")}`);
  return given.some((candidate) => expected.some((right) => isSame(candidate, right)))
    ? undefined
    : "bad_webhook_signature";
}

/** Compares strings in a time that depends only on their lengths. */
export function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
