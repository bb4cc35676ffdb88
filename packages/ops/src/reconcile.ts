import { Reconcile } from "@gotong/core/webhook/index.ts";

/** `gotong reconcile`: compares the outbox with Markov's events and closes the gaps. @returns what to print */
export async function reconcile(isDryRun: boolean, progress: (line: string) => void): Promise<string> {
  const total = { subjects: 0, events: 0, missing: 0, unrecorded: 0, unknown: 0 };
  for (let after: string | undefined = ""; after !== undefined;) {
    const page = await Reconcile.page(after, isDryRun);
    total.subjects += page.subjects;
    total.events += page.events;
    total.missing += page.missing.length;
    total.unrecorded += page.unrecorded.length;
    total.unknown += page.unknown.length;
    for (const id of page.missing) progress(`${id} is missing at Markov${isDryRun ? "" : " and is sent again"}`);
    for (const id of page.unrecorded) progress(`${id} was delivered${isDryRun ? "" : ", which is recorded now"}`);
    for (const id of page.unknown) progress(`${id} is at Markov and not in the outbox`);
    after = page.next;
  }
  return `${total.subjects} subjects with ${total.events} delivered events compared: ${total.missing} missing at Markov${
    isDryRun ? " (nothing was sent)" : ", sent again"
  }, ${total.unrecorded} delivered and not recorded${isDryRun ? "" : " before"}, ${total.unknown} that the outbox does not know\n`;
}
