import * as v from "valibot";
import { secret, timestamp, url, wholeNumber } from "./values.ts";

export const webhook = v.object({
  MARKOV_API_URL: url("http:", "https:"),
  GOTONG_ROYONG_WEBHOOK_SECRET: secret,
  GOTONG_ROYONG_WEBHOOK_SECRET_PREVIOUS: v.optional(secret),
  /** Activation time (RFC 3339): before it, `X-GR-Signature` uses the previous secret; from then on, the new secret. */
  GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM: v.optional(timestamp),
  /** Time limit of one attempt, from connecting to the end of the response (platform.md §4). */
  MARKOV_TIMEOUT_MS: v.optional(wholeNumber(1, 10_000), "10000"),
  /** Markov's rate limit for the whole stage (platform.md §1). */
  MARKOV_LIMIT_PER_MINUTE: v.optional(wholeNumber(1, 10_000_000), "1000"),
  /**
   * Number of senders that divide Markov's limit among themselves if they do not share a Redis: the concurrency of the Lambda, or the number
   * of pods.
   */
  DELIVERY_SENDERS: v.optional(wholeNumber(1, 1000), "1"),
});

export const reputation = v.object({
  MARKOV_API_URL: url("http:", "https:"),
  MARKOV_API_TOKEN: secret,
  /** Upper limit of reputations that one process reads from Markov at a time. */
  REPUTATION_READS_AT_ONCE: v.optional(wholeNumber(1, 1000), "10"),
  /**
   * Time after a failed read during which Markov is not queried again about that member; also the time for which the circuit breaker of
   * reputations stays open.
   */
  REPUTATION_RETRY_SECONDS: v.optional(wholeNumber(1, 300), "10"),
  /** Minimum reputation of a voucher, except for admins and invited members: docs/domain.md, "Vouches". */
  VOUCH_MINIMUM_REPUTATION: v.optional(wholeNumber(0, 1_000_000), "25"),
});
