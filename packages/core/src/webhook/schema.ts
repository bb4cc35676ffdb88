import * as v from "valibot";
import { EVENT_STATUSES, EVENT_TYPES } from "../outbox/event.sql.ts";
import { Answer } from "../platform/answer.ts";

const eventId = Answer.text(20, "evt_0123456789abcdef");
const subject = Answer.text(200, "contribution:0198c0de-0000-7000-8000-000000000001");

/** An event of the outbox without its body, which contains members' texts and locations. */
export const EventInfo = v.strictObject({
  id: eventId,
  event_type: v.picklist(EVENT_TYPES),
  subject,
  sequence: Answer.integer(1),
  actor_id: Answer.uuid,
  request_id: Answer.text(128, "0198c0de-0000-7000-8000-000000000001"),
  status: v.picklist(EVENT_STATUSES),
  attempts: Answer.integer(0),
  redrives: Answer.integer(0),
  created_at: Answer.timestamp,
  published_at: v.nullable(Answer.timestamp),
  delivered_at: v.nullable(Answer.timestamp),
});
export type EventInfo = Answer.Of<typeof EventInfo>;
export const EventInfoPage = Answer.page(EventInfo);

/** A dead-lettered event; or, without an event, a message that no worker could process, with the name of its queue. */
export const FailureInfo = v.strictObject({
  id: Answer.uuid,
  event_id: v.nullable(eventId),
  event_type: v.nullable(v.picklist(EVENT_TYPES)),
  subject: v.nullable(subject),
  queue: v.pipe(
    v.nullable(Answer.text(40, "deliveries")),
    v.description("The queue of a message that no worker could process."),
  ),
  reason: Answer.text(1_000, "status 422"),
  status: v.pipe(
    v.nullable(Answer.integer(100, 599)),
    v.description("The HTTP status of Markov's response; null without one."),
  ),
  response_head: v.nullable(Answer.text(10_000, "no such subject")),
  failed_at: Answer.timestamp,
  redriven_at: v.nullable(Answer.timestamp),
  redriven_by: v.nullable(Answer.uuid),
});
export type FailureInfo = Answer.Of<typeof FailureInfo>;
export const FailureInfoPage = Answer.page(FailureInfo);

export const RedriveResult = v.strictObject({
  redriven: Answer.integer(0),
  more: v.pipe(v.boolean(), v.description("Whether another call would find more.")),
});
export type RedriveResult = Answer.Of<typeof RedriveResult>;
