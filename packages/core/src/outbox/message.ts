import * as v from "valibot";

// Messages wait for days, so a release reads those of the release before and after it: unknown fields are dropped.

/** A message of the `deliveries` queue: everything a sender needs, so that it needs no database. */
export const DeliveryMessage = v.object({
  event_id: v.pipe(v.string(), v.regex(/^evt_[0-9a-f]{16}$/)),
  subject: v.string(),
  sequence: v.pipe(v.number(), v.integer(), v.minValue(1)),
  request_id: v.string(),
  /** When the act was done. RFC 3339. */
  created_at: v.pipe(v.string(), v.isoTimestamp()),
  /**
   * When it was sent again: by an operator, or because it was lost or declared dead too early. The 72 hours of retries
   * count from here. RFC 3339.
   */
  sent_again_at: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  /** The exact bytes to send, UTF-8. */
  body: v.string(),
});
export type DeliveryMessage = v.InferOutput<typeof DeliveryMessage>;

/** A message of the `breaker` queue: the event whose failure opened the breaker, and when. RFC 3339. */
export const Probe = v.object({
  ...DeliveryMessage.entries,
  opened_at: v.optional(v.pipe(v.string(), v.isoTimestamp())),
});
export type Probe = v.InferOutput<typeof Probe>;

/** A message of the `outcomes` or `attempts` queue: the result of one attempt. */
export const Outcome = v.object({
  attempt_id: v.pipe(v.string(), v.uuid()),
  event_id: v.pipe(v.string(), v.regex(/^evt_[0-9a-f]{16}$/)),
  result: v.picklist(["delivered", "retrying", "dead"]),
  attempted_at: v.pipe(v.string(), v.isoTimestamp()),
  latency_ms: v.pipe(v.number(), v.integer(), v.minValue(0)),
  status: v.nullable(v.pipe(v.number(), v.integer())),
  error: v.nullable(v.string()),
  response_head: v.nullable(v.string()),
});
export type Outcome = v.InferOutput<typeof Outcome>;

/** A message that a worker puts on the `dead` queue; SQS itself moves the original messages there. */
export const DeadLetter = v.object({ queue: v.string(), reason: v.string(), body: v.string() });

/** Queues that have no Lambda trigger on small stages, and whose messages the sweep hands to their functions. */
const DISPATCHED = ["evidence", "breaker"] as const;
export type Dispatched = (typeof DISPATCHED)[number];

/** A message of the `sweep` queue. */
export const Sweep = v.object({
  armed_at: v.pipe(v.string(), v.isoTimestamp()),
  /** Only the messages of this queue are to be handed on; the database is not needed. */
  only: v.optional(v.picklist(DISPATCHED)),
  /** Only this subscription to pushes is to be removed: its push service says that it has ended. */
  gone_subscription: v.optional(v.pipe(v.string(), v.uuid())),
  /** When it is due, if that is later than SQS can delay a message. RFC 3339. */
  not_before: v.optional(v.pipe(v.string(), v.isoTimestamp())),
});

/** A message of the `evidence` queue: evidence whose file is to be examined. */
export const Examination = v.object({ evidence_id: v.pipe(v.string(), v.uuid()), request_id: v.string() });

/** Another message of the `evidence` queue: the id of a deleted member whose texts and files are to be erased. */
export const Erasure = v.object({ erasure_of: v.pipe(v.string(), v.uuid()), request_id: v.string() });

/**
 * Another message of the `evidence` queue: the key of an object that GuardDuty has scanned. The rule of EventBridge writes it
 * (infra/malware.ts); the result itself is a tag of the object.
 */
export const ObjectScanned = v.object({ scanned_key: v.pipe(v.string(), v.nonEmpty()), request_id: v.string() });
