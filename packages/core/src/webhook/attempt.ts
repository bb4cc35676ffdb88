import { Characters } from "../platform/characters.ts";
import { Clock } from "../platform/clock.ts";
import { Config } from "../platform/config.ts";
import { hmacSha256 } from "../platform/hmac.ts";
import { type DeliveryMessage, type Outcome, Sweep } from "../outbox/index.ts";
import { Id } from "../platform/id.ts";
import { Log } from "../platform/log.ts";
import { Metrics } from "../platform/metrics/index.ts";
import { Queue } from "../platform/queue/index.ts";
import { Random } from "../platform/random.ts";
import { Http, type HttpResponse, markovUrl } from "../platform/http-client/index.ts";
import { type Verdict, isOutOfRetries, pauseSeconds, retryAfter, verdictOn, waitSeconds } from "./schedule.ts";

const WEBHOOK_PATH = "/v1/platforms/gotong_royong/webhook";

export interface Attempt {
  readonly outcome: Outcome;
  readonly verdict: Verdict;
  /** Seconds until the next attempt; undefined after the last one. */
  readonly retryInSeconds?: number;
  /** Seconds for which Markov asks all senders to pause; 0 unless the verdict is `slow_down`. */
  readonly pauseSeconds: number;
}

/**
 * Makes one attempt to deliver an event. Needs no database. Never throws because of a failure of Markov.
 * @param attempts the number of attempts made, including this one
 */
export async function attempt(event: DeliveryMessage, attempts: number): Promise<Attempt> {
  const attemptedAt = Clock.now();
  const response = await post(event, attemptedAt);
  const status = "status" in response ? response.status : null;
  const verdict = verdictOn(status);
  const dead =
    verdict === "refused" ||
    (verdict !== "delivered" &&
      isOutOfRetries(new Date(event.sent_again_at ?? event.created_at), attempts, attemptedAt));
  const outcome: Outcome = {
    attempt_id: Id.uuid(),
    event_id: event.event_id,
    result: verdict === "delivered" ? "delivered" : dead ? "dead" : "retrying",
    attempted_at: attemptedAt.toISOString(),
    latency_ms: Math.max(0, Clock.now().getTime() - attemptedAt.getTime()),
    status,
    error: "status" in response ? null : response.error,
    response_head: "status" in response ? Characters.storable(response.head) : null,
  };
  const asked = "status" in response ? retryAfter(response.retryAfter, attemptedAt) : undefined;
  return {
    outcome,
    verdict,
    pauseSeconds: verdict === "slow_down" ? pauseSeconds(asked) : 0,
    ...(outcome.result === "retrying"
      ? { retryInSeconds: waitSeconds(verdict, attempts, Random.fraction(), asked) }
      : {}),
  };
}

/**
 * Sends the outcome of an attempt to a queue. A final outcome goes to `outcomes`, which is recorded at once; an outcome with a retry goes to
 * `attempts`, which is read when the database runs for another reason.
 * @param attempts the number of attempts made, including this one
 */
export async function sendOutcome(outcome: Outcome, attempts: number): Promise<void> {
  measure(outcome, attempts);
  await Queue.get().send(outcome.result === "retrying" ? "attempts" : "outcomes", { body: Queue.toBody(outcome) });
  if (outcome.result !== "retrying") await Sweep.callFor("outcomes");
  Log.info("delivery attempt", {
    event_id: outcome.event_id,
    result: outcome.result,
    status: outcome.status,
    latency_ms: outcome.latency_ms,
  });
}

function measure(outcome: Outcome, attempts: number): void {
  Metrics.count("webhook_delivery_total");
  Metrics.observe("webhook_delivery_latency", outcome.latency_ms / 1000);
  if (attempts > 1) Metrics.count("webhook_retry_count");
  if (outcome.result === "delivered") Metrics.count("webhook_delivery_success");
  else Metrics.count("webhook_delivery_failure", { status: String(outcome.status ?? "none") });
  if (outcome.result === "dead") Metrics.count("webhook_operator_needed_total", { reason: "dead" });
  else if (verdictOn(outcome.status) === "our_fault")
    Metrics.count("webhook_operator_needed_total", { reason: "our_fault" });
}

async function post(event: DeliveryMessage, attemptedAt: Date): Promise<HttpResponse | { readonly error: string }> {
  const config = Config.section("webhook");
  try {
    return await Http.send({
      method: "POST",
      url: webhookUrl(config.MARKOV_API_URL),
      headers: {
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(event.body)),
        "user-agent": "gotong-royong",
        "x-request-id": event.request_id,
        "x-gr-subject": event.subject,
        "x-gr-sequence": String(event.sequence),
        ...signatureHeaders(event.body, event.event_id, attemptedAt, secretsAt(attemptedAt)),
      },
      body: event.body,
      timeoutMs: config.MARKOV_TIMEOUT_MS,
    });
  } catch (error) {
    return { error: error instanceof Error ? error.message : "unknown" };
  }
}

let webhook: { readonly base: string; readonly url: URL } | undefined;

/**
 * The URL of the webhook, parsed once. Parsing the URL for each event took a twentieth of the CPU time of a delivery.
 */
function webhookUrl(base: string): URL {
  if (webhook?.base !== base) webhook = { base, url: markovUrl(base, WEBHOOK_PATH) };
  return webhook.url;
}

/**
 * The secrets that sign at `now`; the first one signs `X-GR-Signature`. All senders switch secrets at the same time, without a deployment.
 */
function secretsAt(now: Date): [string, ...string[]] {
  const config = Config.section("webhook");
  const [secret, previous] = [config.GOTONG_ROYONG_WEBHOOK_SECRET, config.GOTONG_ROYONG_WEBHOOK_SECRET_PREVIOUS];
  if (previous === undefined) return [secret];
  const from = config.GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM;
  return from !== undefined && now < from ? [previous, secret] : [secret, previous];
}

/**
 * The signature headers of one attempt over the exact body: our own `X-GR-Signature`, and the headers of Standard Webhooks
 * (standardwebhooks.com, symmetric `v1`). The timestamp of Standard Webhooks is the time of the attempt, so that a retry days later is
 * still fresh.
 * @param secrets the current secret first; during a rotation the second secret signs as well (`webhook-signature` may contain several)
 */
export function signatureHeaders(
  body: string,
  eventId: string,
  attemptedAt: Date,
  secrets: readonly [string, ...string[]],
): Record<string, string> {
  const timestamp = Math.floor(attemptedAt.getTime() / 1000);
  const hmac = (secret: string, text: string) => hmacSha256(secret).update(text, "utf8");
  return {
    "X-GR-Signature": `sha256=${hmac(secrets[0], body).digest("hex")}`,
    "webhook-id": eventId,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": secrets
      .map((secret) => `v1,${hmac(secret, `${eventId}.${timestamp}.${body}`).digest("base64")}`)
      .join(" "),
  };
}

export * as Delivery from "./attempt.ts";
