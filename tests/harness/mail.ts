import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { acknowledgeWith, runBatch } from "@gotong/workers/batch.ts";
import { mail } from "@gotong/workers/mail/process.ts";
import type { Platform } from "./platform.ts";

/** Runs the mail worker until its queue is empty, for tests whose platform has no workers. */
export async function deliverMail(): Promise<void> {
  for (;;) {
    const messages = await Queue.get().receive("mail", 0);
    if (messages.length === 0) return;
    await runBatch(mail, messages, acknowledgeWith("mail"));
  }
}

/** The mails in `dir` to an e-mail address, oldest first, including headers. */
export function mailsTo(dir: string, email: string): string[] {
  return readdirSync(dir)
    .toSorted((a, b) => a.localeCompare(b))
    .map((name) => readFileSync(join(dir, name), "utf8"))
    .filter((text) => text.startsWith(`To: ${email}\n`));
}

/**
 * Writes the mails of a test file to a directory. Must be called after `usePlatform`.
 * @returns the directory, and a function that sets the platform's settings again with some overrides
 */
export function useMailDirectory(platform: Platform) {
  const directory = mkdtempSync(join(tmpdir(), "gotong-mail-"));
  const configure = (variables: Readonly<Record<string, string>> = {}) =>
    Config.use({ ...platform.variables, MAIL_DIR: directory, ...variables });
  beforeAll(() => configure());
  afterAll(() => rmSync(directory, { recursive: true }));
  return { directory, configure };
}
