import * as v from "valibot";
import { oneLine, someOf, url } from "./values.ts";

export const queue = v.object({
  AWS_REGION: v.optional(oneLine, "us-east-1"),
  /** Set by `infra/` on stages whose functions reach AWS over IPv6 only. The AWS SDK reads the same variable. */
  AWS_USE_DUALSTACK_ENDPOINT: v.optional(v.picklist(["true", "false"], "must be true or false"), "false"),
  /** Set by Lambda for each function, valid as long as its process. AWS's tools read the same variables. */
  AWS_ACCESS_KEY_ID: v.optional(oneLine),
  AWS_SECRET_ACCESS_KEY: v.optional(oneLine),
  AWS_SESSION_TOKEN: v.optional(oneLine),
  /** A profile has precedence over the credentials of the environment, as in the AWS SDK. */
  AWS_PROFILE: v.optional(oneLine),
  SQS_ENDPOINT: v.optional(url("http:", "https:")),
  DELIVERIES_QUEUE_URL: v.optional(url("http:", "https:")),
  OUTCOMES_QUEUE_URL: v.optional(url("http:", "https:")),
  ATTEMPTS_QUEUE_URL: v.optional(url("http:", "https:")),
  BREAKER_QUEUE_URL: v.optional(url("http:", "https:")),
  EVIDENCE_QUEUE_URL: v.optional(url("http:", "https:")),
  SWEEP_QUEUE_URL: v.optional(url("http:", "https:")),
  MAIL_QUEUE_URL: v.optional(url("http:", "https:")),
  DEAD_QUEUE_URL: v.optional(url("http:", "https:")),
  DEAD_DELIVERIES_QUEUE_URL: v.optional(url("http:", "https:")),
  /** On Lambda: the id of the event source mapping of the queue `deliveries`. */
  DELIVERIES_TRIGGER_ID: v.optional(oneLine),
  /** On Lambda: the queues that the sweep reads, since they have no trigger on small stages (docs/adr/0023). */
  QUEUES_WITHOUT_TRIGGER: v.optional(someOf(["outcomes", "evidence", "breaker"]), ""),
  /** On Lambda: the functions that the sweep invokes with the messages of queues without a trigger. */
  EVIDENCE_FUNCTION: v.optional(oneLine),
  BREAKER_FUNCTION: v.optional(oneLine),
  S3_ACCESS_KEY: v.optional(oneLine),
  S3_SECRET_KEY: v.optional(oneLine),
});
