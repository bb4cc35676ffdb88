import * as v from "valibot";
import { Reconcile } from "@gotong/core/webhook/index.ts";
import type { Interrupted, Outcome, Step } from "./outcome.ts";

const count = v.optional(v.number(), 0);
const Cursor = v.strictObject({
  after: v.optional(v.string(), ""),
  total: v.optional(
    v.strictObject({ subjects: count, events: count, missing: count, unrecorded: count, unknown: count }),
    {},
  ),
});

/**
 * `gotong reconcile` compares the outbox with Markov's events, and sends missing events again. It can stop after each
 * page of subjects.
 */
export async function reconcile(isDryRun: boolean, step: Step): Promise<Outcome | Interrupted> {
  const { after: start, total } = v.parse(Cursor, step.cursor ?? {});
  for (let after: string | undefined = start; after !== undefined;) {
    const page = await Reconcile.page(after, isDryRun);
    total.subjects += page.subjects;
    total.events += page.events;
    total.missing += page.missing.length;
    total.unrecorded += page.unrecorded.length;
    total.unknown += page.unknown.length;
    for (const id of page.missing) step.progress(`${id} is missing at Markov${isDryRun ? "" : " and is sent again"}`);
    for (const id of page.unrecorded) step.progress(`${id} was delivered${isDryRun ? "" : ", which is recorded now"}`);
    for (const id of page.unknown) step.progress(`${id} is at Markov and not in the outbox`);
    after = page.next;
    if (after !== undefined && step.isOver()) {
      step.progress(`${total.subjects} subjects compared`);
      return { cursor: { after, total } };
    }
  }
  return {
    text: `${total.subjects} subjects with ${total.events} delivered events compared: ${total.missing} missing at Markov${
      isDryRun ? " (nothing was sent)" : ", sent again"
    }, ${total.unrecorded} delivered and not recorded${isDryRun ? "" : " before"}, ${total.unknown} that the outbox does not know\n`,
    data: total,
  };
}
