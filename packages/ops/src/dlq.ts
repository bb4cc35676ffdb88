import * as v from "valibot";
import { Clock } from "@gotong/core/platform/clock.ts";
import { DeadLetters, Redrive } from "@gotong/core/webhook/index.ts";
import type { Interrupted, Outcome, Step } from "./outcome.ts";

const PAGE = 200;
const Rate = v.pipe(
  v.string(),
  v.regex(/^\d+$/, "--rate must be a whole number of events a second"),
  v.transform(Number),
  v.minValue(1, "--rate must be at least 1"),
);
const Options = v.strictObject({
  eventType: v.optional(v.string()),
  since: v.optional(v.string()),
  rate: v.optional(Rate, "10"),
  dryRun: v.optional(v.boolean(), false),
});
const Cursor = v.strictObject({ failed_before: v.string(), sent: v.number(), total: v.number() });

type Filter = v.InferOutput<typeof Redrive.Filter>;

function filterOf(options: v.InferOutput<typeof Options>, failedBefore: string): Filter {
  return v.parse(Redrive.Filter, {
    failed_before: failedBefore,
    ...(options.eventType === undefined ? {} : { event_type: options.eventType }),
    ...(options.since === undefined ? {} : { failed_from: options.since }),
  });
}

/** `gotong dlq list` lists dead-lettered events, after it has collected the messages of the dead-letter queues. */
export async function list(options: unknown): Promise<Outcome> {
  await DeadLetters.collect();
  const waiting = await Redrive.waiting(filterOf(v.parse(Options, options), Clock.now().toISOString()), PAGE);
  const rows = waiting.map((failure) =>
    [
      failure.id,
      failure.failed_at,
      failure.event_type ?? `(${failure.queue})`,
      failure.subject ?? "",
      failure.reason,
    ].join("  "),
  );
  const more = waiting.length === PAGE ? `the first ${PAGE} are shown\n` : "";
  return { text: `${rows.map((row) => `${row}\n`).join("")}${waiting.length} wait\n${more}`, data: waiting };
}

/** `gotong dlq show <id>` prints a dead-lettered event. */
export async function show(id: string): Promise<Outcome> {
  await DeadLetters.collect();
  const { failure_id } = v.parse(Redrive.FailureId, { failure_id: id });
  const failure = await Redrive.show(failure_id);
  return { text: `${JSON.stringify(failure, null, 2)}\n`, data: failure };
}

/**
 * `gotong dlq redrive` sends dead-lettered events again. It can stop after each event, since a redriven event is no
 * longer listed.
 */
export async function redrive(given: unknown, step: Step): Promise<Outcome | Interrupted> {
  const options = v.parse(Options, given);
  if (step.cursor === undefined) await DeadLetters.collect();
  // Redrives only events that failed before the start of the command. Otherwise an event that Markov rejects again
  // would be redriven forever.
  const start = step.cursor === undefined ? undefined : v.parse(Cursor, step.cursor);
  const failedBefore = start?.failed_before ?? Clock.now().toISOString();
  const filter = filterOf(options, failedBefore);
  const total = start?.total ?? (await Redrive.countRedrivable(filter));
  if (options.dryRun)
    return { text: `${total} would be sent again; nothing was done\n`, data: { redrivable: total, redriven: 0 } };
  for (let sent = start?.sent ?? 0; ;) {
    const failureIds = await Redrive.redrivable(filter, PAGE);
    if (failureIds.length === 0)
      return { text: `${sent} were sent again\n`, data: { redrivable: total, redriven: sent } };
    for (const id of failureIds) {
      await Redrive.redrive(id);
      sent += 1;
      if (sent % 100 === 0 || step.isOver()) step.progress(`${sent} of ${total} sent again`);
      await Clock.sleep(1000 / options.rate);
      if (step.isOver()) return { cursor: { failed_before: failedBefore, sent, total } };
    }
  }
}
