import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { acknowledgeWith, runBatch } from "@gotong/workers/batch.ts";
import { mail } from "@gotong/workers/mail/process.ts";

/** Runs the mail worker until its queue is empty, for tests whose platform has no workers. */
export async function deliverMail(): Promise<void> {
  for (;;) {
    const messages = await Queue.get().receive("mail", 0);
    if (messages.length === 0) return;
    await runBatch(mail, messages, acknowledgeWith("mail"));
  }
}

/** The mails in `dir` to an address, the oldest first, headers included. */
export function mailsTo(dir: string, email: string): string[] {
  return readdirSync(dir)
    .toSorted((a, b) => a.localeCompare(b))
    .map((name) => readFileSync(join(dir, name), "utf8"))
    .filter((text) => text.startsWith(`To: ${email}\n`));
}
