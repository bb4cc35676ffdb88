import { parseArgs } from "node:util";
import * as v from "valibot";
import { Clock } from "@gotong/core/platform/clock.ts";
import { DeadLetters, Redrive } from "@gotong/core/webhook/index.ts";

const PAGE = 200;
const Rate = v.pipe(
  v.string(),
  v.regex(/^\d+$/, "--rate must be a whole number of events a second"),
  v.transform(Number),
  v.minValue(1, "--rate must be at least 1"),
);
const Options = v.strictObject({
  "event-type": v.optional(v.string()),
  since: v.optional(v.string()),
  rate: v.optional(Rate, "10"),
  "dry-run": v.optional(v.boolean(), false),
});

/** `gotong dlq list | show | redrive`. First collects the messages of the dead-letter queues. @returns what to print */
export async function dlq(verb: string, args: string[], progress: (line: string) => void): Promise<string> {
  await DeadLetters.collect();
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      "event-type": { type: "string" },
      since: { type: "string" },
      rate: { type: "string" },
      "dry-run": { type: "boolean" },
    },
  });
  if (verb === "show") return show(positionals[0] ?? "");
  const options = v.parse(Options, values);
  const filter = v.parse(Redrive.Filter, {
    // Failures after this moment are left to the next call: an event that Markov refuses would be redriven for ever.
    failed_before: Clock.now().toISOString(),
    ...(options["event-type"] === undefined ? {} : { event_type: options["event-type"] }),
    ...(options.since === undefined ? {} : { failed_from: options.since }),
  });
  if (verb === "list") return list(filter);
  if (verb === "redrive") return redrive(filter, options.rate, options["dry-run"], progress);
  throw new Error("gotong dlq list, show <id> or redrive");
}

async function list(filter: v.InferOutput<typeof Redrive.Filter>): Promise<string> {
  const waiting = await Redrive.waiting(filter, PAGE);
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
  return `${rows.map((row) => `${row}\n`).join("")}${waiting.length} wait\n${more}`;
}

async function show(id: string): Promise<string> {
  const { failure_id } = v.parse(Redrive.FailureId, { failure_id: id });
  return `${JSON.stringify(await Redrive.show(failure_id), null, 2)}\n`;
}

async function redrive(
  filter: v.InferOutput<typeof Redrive.Filter>,
  perSecond: number,
  isDryRun: boolean,
  progress: (line: string) => void,
): Promise<string> {
  const total = await Redrive.countRedrivable(filter);
  if (isDryRun) return `${total} would be sent again; nothing was done\n`;
  for (let sent = 0; ;) {
    const failureIds = await Redrive.redrivable(filter, PAGE);
    if (failureIds.length === 0) return `${sent} were sent again\n`;
    for (const id of failureIds) {
      await Redrive.redrive(id);
      sent += 1;
      if (sent % 100 === 0) progress(`${sent} of ${total} sent again`);
      await Clock.sleep(1000 / perSecond);
    }
  }
}
