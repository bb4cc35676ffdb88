import { Config } from "../config.ts";
import { Http } from "../http-client/index.ts";
import { lazy } from "../lazy.ts";
import { pushKeys } from "./keys.ts";
import type { Push } from "./message.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { isPushService } from "./services.ts";

/** Time after which the push service drops a push that no device has fetched. */
const LIFETIME_SECONDS = 86_400;
const TIMEOUT_MS = 10_000;

const library = lazy(() => import("@block65/webcrypto-web-push"));

/**
 * Makes one attempt to send a push to its push service: encrypted for the device (RFC 8291), signed by the platform (RFC 8292). Never throws
 * because of the service's response or of a missing response.
 */
export async function attempt({ endpoint, p256dh, auth, payload }: Push): Promise<Outcome> {
  const keys = pushKeys();
  // The settings have changed since the subscription was stored: pushes are disabled, or its push service is no longer
  // listed.
  if (keys === undefined || !isPushService(endpoint)) return { result: "refused" };
  const { PUSH_SUBJECT: subject, PUSH_ENDPOINT } = Config.section("mail");
  const { buildPushPayload } = await library();
  const { headers, body } = await buildPushPayload(
    { data: payload, options: { ttl: LIFETIME_SECONDS, urgency: "normal" } },
    { endpoint, expirationTime: null, keys: { p256dh, auth } },
    { subject, ...keys },
  );
  const { pathname, search } = new URL(endpoint);
  const url = PUSH_ENDPOINT === undefined ? new URL(endpoint) : new URL(pathname + search, PUSH_ENDPOINT);
  try {
    const { status, retryAfter } = await Http.send({ method: "POST", url, headers, body, timeoutMs: TIMEOUT_MS });
    return outcomeOf(status, retryAfter);
  } catch (error) {
    return outcomeOf(error instanceof Error ? error.message : "", null);
  }
}
