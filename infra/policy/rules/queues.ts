import * as v from "valibot";
import { arnOf, at, isNamed, number, type Resource, tail, text } from "../resource.ts";
import { each, of, type Rule, together } from "../rule.ts";

const QUEUE = "aws:sqs/queue:Queue";
const FOURTEEN_DAYS = 14 * 24 * 3600;

const Redrive = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    deadLetterTargetArn: v.string(),
    maxReceiveCount: v.pipe(v.union([v.string(), v.number()]), v.transform(Number)),
  }),
);
/** Returns a queue's dead-letter queue and receive limit; undefined if it has none. */
const redriveOf = (queue: Resource) => {
  const found = v.safeParse(Redrive, at(queue, "redrivePolicy"));
  return found.success ? found.output : undefined;
};
/** Returns the queues that are dead-letter queues of other queues. */
export function deadLetterQueues(resources: readonly Resource[]): Resource[] {
  const targets = of(resources, QUEUE).flatMap((queue) => tail(redriveOf(queue)?.deadLetterTargetArn ?? ""));
  return of(resources, QUEUE).filter((queue) => targets.includes(text(queue, "name")));
}

export const queues: readonly Rule[] = [
  together({
    id: "queue-has-dead-letters",
    says: "Every queue has another for what could not be processed",
    source: "sst-notes §12 Q2, infrastructure.md §4",
    types: [QUEUE],
    offenders: (resources) => {
      const dead = deadLetterQueues(resources);
      return of(resources, QUEUE).filter((queue) => !dead.includes(queue) && redriveOf(queue) === undefined);
    },
  }),
  together({
    id: "queue-of-dead-letters-keeps-fourteen-days",
    says: "Dead letters are kept for fourteen days, the maximum of SQS",
    source: "infrastructure.md §4, sst-notes §6",
    types: [QUEUE],
    offenders: (resources) =>
      deadLetterQueues(resources).filter((queue) => number(queue, "messageRetentionSeconds") !== FOURTEEN_DAYS),
  }),
  each({
    id: "queue-outlasts-an-outage",
    says: "Messages outlast an outage of 72 hours and the weekend after it",
    source: "infrastructure.md §3",
    types: [QUEUE],
    passes: (queue) => number(queue, "messageRetentionSeconds") >= 7 * 24 * 3600,
  }),
  each({
    id: "queue-tries-five-times",
    says: "No message is dead-lettered before its fifth receive: throttled invocations count as receives",
    source: "AWS documentation, Lambda with SQS",
    types: [QUEUE],
    passes: (queue) => (redriveOf(queue)?.maxReceiveCount ?? 5) >= 5,
  }),
  together({
    id: "queue-in-order-has-dead-letters-in-order",
    says: "The dead letters of a FIFO queue go to a FIFO queue: SQS refuses another",
    source: "sst-notes §6",
    types: [QUEUE],
    offenders: (resources) =>
      of(resources, QUEUE).filter((queue) => {
        const target = redriveOf(queue)?.deadLetterTargetArn;
        const isFifo = at(queue, "fifoQueue") === true;
        return target !== undefined && isFifo !== target.endsWith(".fifo");
      }),
  }),
  together({
    id: "queue-of-dead-letters-names-its-sources",
    says: "Only named queues may give their messages up to a queue of dead letters",
    source: "infrastructure.md §4",
    types: [QUEUE],
    offenders: (resources) =>
      deadLetterQueues(resources).filter(
        (queue) =>
          !of(resources, "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy").some(
            (one) =>
              isNamed(queue, at(one, "queueUrl")) &&
              text(one, "redriveAllowPolicy").includes('"redrivePermission":"byQueue"'),
          ),
      ),
  }),
  each({
    id: "queue-is-asked-patiently",
    says: "Consumers wait for messages, and do not pay for empty answers",
    source: "AWS documentation, SQS long polling",
    types: [QUEUE],
    passes: (queue) => number(queue, "receiveWaitTimeSeconds") >= 10,
  }),
  each({
    id: "queue-in-order-orders-within-groups",
    says: "Subjects of a FIFO queue do not wait for one another",
    source: "infrastructure.md §3, AWS documentation, high throughput for FIFO queues",
    types: [QUEUE],
    passes: (queue) =>
      at(queue, "fifoQueue") !== true ||
      (text(queue, "deduplicationScope") === "messageGroup" &&
        text(queue, "fifoThroughputLimit") === "perMessageGroupId"),
  }),
  together({
    id: "queue-hides-messages-long-enough",
    says: "A message stays hidden for six times as long as its function may take",
    source: "sst-notes §12 Q3, infrastructure.md §4",
    types: [QUEUE],
    offenders: (resources) =>
      of(resources, QUEUE).filter((queue) => {
        const functions = of(resources, "aws:lambda/eventSourceMapping:EventSourceMapping")
          .filter(
            (trigger) =>
              tail(text(trigger, "eventSourceArn")) === text(queue, "name") ||
              text(trigger, "eventSourceArn") === arnOf(queue),
          )
          .map((trigger) => tail(text(trigger, "functionName")));
        return of(resources, "aws:lambda/function:Function").some(
          (one) =>
            functions.includes(text(one, "name")) &&
            number(queue, "visibilityTimeoutSeconds") < 6 * number(one, "timeout"),
        );
      }),
  }),
];
