import * as v from "valibot";

// Messages wait in queues for days. So each release must parse the messages of the previous and of the next release,
// and ignores unknown fields.

/** A message of the `deliveries` queue: an event, with everything that a sender needs, so that senders need no database. */
export const DeliveryMessage = v.object({
  event_id: v.pipe(v.string(), v.regex(/^evt_[0-9a-f]{16}$/)),
  subject: v.string(),
  sequence: v.pipe(v.number(), v.integer(), v.minValue(1)),
  request_id: v.string(),
  /** Time of the change that the event reports. RFC 3339. */
  created_at: v.pipe(v.string(), v.isoTimestamp()),
  /**
   * Time when the event was sent again: by an operator, or because it was lost or declared dead too early. The 72 hours
   * of retries then count from this time. RFC 3339.
   */
  sent_again_at: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  /** The body of the event: the exact bytes to send, UTF-8. */
  body: v.string(),
});
export type DeliveryMessage = v.InferOutput<typeof DeliveryMessage>;

/** A message of the `breaker` queue: the event whose failure opened the circuit breaker, and the time of that failure (RFC 3339). */
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

/** A message that a worker sends to the `dead` queue. Messages that exceed their receive limit are moved there by SQS itself. */
export const DeadLetter = v.object({ queue: v.string(), reason: v.string(), body: v.string() });

/** Queues that have no Lambda trigger on small stages. The sweep invokes their functions with their messages. */
const DISPATCHED = ["evidence", "breaker"] as const;
export type Dispatched = (typeof DISPATCHED)[number];

/** A message of the `sweep` queue. */
export const Sweep = v.object({
  armed_at: v.pipe(v.string(), v.isoTimestamp()),
  /**
   * If set, the sweep only passes the messages of this queue to the queue's function, and does not use the database.
   */
  only: v.optional(v.picklist(DISPATCHED)),
  /** If set, the sweep only removes this push subscription, because the push service reports it as expired. */
  gone_subscription: v.optional(v.pipe(v.string(), v.uuid())),
  /** Due time of the sweep, when it is later than the maximum delay of SQS. RFC 3339. */
  not_before: v.optional(v.pipe(v.string(), v.isoTimestamp())),
});
