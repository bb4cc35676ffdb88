import * as v from "valibot";
import { Retention } from "@gotong/core/domain/retention.ts";
import type { Interrupted, Outcome, Step } from "./outcome.ts";
import { rehearse } from "./rehearsal.ts";

const Options = v.object({ dryRun: v.optional(v.boolean(), false) });
const Totals = v.record(v.string(), v.number());

/**
 * `gotong retention run` deletes all rows that are past their retention. It can stop after each batch of 5,000 rows
 * of a kind.
 */
export async function run(given: unknown, step: Step): Promise<Outcome | Interrupted> {
  const { dryRun } = v.parse(Options, given);
  if (dryRun) return summaryOf({ ...(await rehearse(Retention.removeExpired)) }, true);
  const total = v.parse(Totals, step.cursor ?? {});
  for (;;) {
    const removed = Object.entries(await Retention.removeExpired());
    for (const [kind, count] of removed) total[kind] = (total[kind] ?? 0) + count;
    if (removed.every(([, count]) => count === 0)) return summaryOf(total, false);
    step.progress(`${sum(total)} records removed`);
    if (step.isOver()) return { cursor: total };
  }
}

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, count) => all + count, 0);

function summaryOf(counts: Readonly<Record<string, number>>, isDry: boolean): Outcome {
  const rows = Object.entries(counts).flatMap(([kind, count]) => (count > 0 ? [`${kind}: ${count}\n`] : []));
  const end = isDry ? "would be removed in a first batch; nothing was done" : "records were removed";
  return { text: `${rows.join("")}${sum(counts)} ${end}\n`, data: { removed: counts, isDry } };
}
