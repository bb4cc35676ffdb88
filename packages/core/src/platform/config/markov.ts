import * as v from "valibot";
import { secret, timestamp, url, wholeNumber } from "./values.ts";

export const webhook = v.object({
  MARKOV_API_URL: url("http:", "https:"),
  GOTONG_ROYONG_WEBHOOK_SECRET: secret,
  GOTONG_ROYONG_WEBHOOK_SECRET_PREVIOUS: v.optional(secret),
  /** RFC 3339. Before this time `X-GR-Signature` uses the previous secret, from then on the new one. */
  GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM: v.optional(timestamp),
  /** The time limit of one attempt, from connecting to the end of the response (platform.md §4). */
  MARKOV_TIMEOUT_MS: v.optional(wholeNumber(1, 10_000), "10000"),
  /** Markov's rate limit for the whole stage (platform.md §1). */
  MARKOV_LIMIT_PER_MINUTE: v.optional(wholeNumber(1, 10_000_000), "1000"),
  /**
   * How many senders share that limit when they do not share a Redis: the concurrency of the Lambda, or the number of
   * pods.
   */
  DELIVERY_SENDERS: v.optional(wholeNumber(1, 1000), "1"),
});

export const reputation = v.object({
  MARKOV_API_URL: url("http:", "https:"),
  MARKOV_API_TOKEN: secret,
  /** How many reputations one process reads from Markov at a time. */
  REPUTATION_READS_AT_ONCE: v.optional(wholeNumber(1, 1000), "10"),
  /**
   * After Markov did not answer, how long it is not asked again about a member, or at all while the circuit breaker
   * is open.
   */
  REPUTATION_RETRY_SECONDS: v.optional(wholeNumber(1, 300), "10"),
  /** The minimum reputation of a voucher, except admins and invited members: docs/domain.md, "Vouches". */
  VOUCH_MINIMUM_REPUTATION: v.optional(wholeNumber(0, 1_000_000), "25"),
});
