import { createHmac } from "node:crypto";

/**
 * The signature headers of one attempt over the exact body: our own `X-GR-Signature`, and those of Standard Webhooks
 * (standardwebhooks.com, symmetric `v1`), whose timestamp is that of the attempt, so that a retry days later is still
 * fresh.
 * @param secrets the current one first; during a rotation the other one signs as well (`webhook-signature` may contain
 * several)
 */
export function signatureHeaders(
  body: string,
  eventId: string,
  attemptedAt: Date,
  secrets: readonly [string, ...string[]],
): Record<string, string> {
  const timestamp = Math.floor(attemptedAt.getTime() / 1000);
  const hmac = (secret: string, text: string) => createHmac("sha256", secret).update(text, "utf8");
  return {
    "X-GR-Signature": `sha256=${hmac(secrets[0], body).digest("hex")}`,
    "webhook-id": eventId,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": secrets
      .map((secret) => `v1,${hmac(secret, `${eventId}.${timestamp}.${body}`).digest("base64")}`)
      .join(" "),
  };
}
