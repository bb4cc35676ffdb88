import * as v from "valibot";

/** What travels on the `deliveries` queue, and as a probe on `breaker`: all that a sender needs, so that it needs no database. */
export const Delivery = v.strictObject({
  event_id: v.pipe(v.string(), v.regex(/^evt_[0-9a-f]{16}$/)),
  subject: v.string(),
  sequence: v.pipe(v.number(), v.integer(), v.minValue(1)),
  request_id: v.string(),
  /** When the act was done. RFC 3339. */
  created_at: v.pipe(v.string(), v.isoTimestamp()),
  /** The exact bytes to send, UTF-8. */
  body: v.string(),
});
export type Delivery = v.InferOutput<typeof Delivery>;

/** What travels on the `outcomes` queue after each attempt. */
export const Outcome = v.strictObject({
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

/** What travels on the `dead` queue when a worker put it there; SQS itself puts bare messages there. */
export const DeadLetter = v.strictObject({ queue: v.string(), reason: v.string(), body: v.string() });

/** What travels on the `sweep` queue. */
export const Sweep = v.strictObject({ armed_at: v.pipe(v.string(), v.isoTimestamp()) });

/** What travels on the `evidence` queue: evidence whose file is to be examined. */
export const Examination = v.strictObject({ evidence_id: v.pipe(v.string(), v.uuid()), request_id: v.string() });
