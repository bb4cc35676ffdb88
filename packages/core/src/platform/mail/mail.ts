import { Config } from "../config.ts";
import { Db } from "../db/index.ts";
import { Log } from "../log.ts";
import { Metrics } from "../metrics/index.ts";
import { Queue } from "../queue/index.ts";
import { type Content, sealMail } from "./message.ts";

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/**
 * Sends a mail through the queue `mail`, after the commit of the current transaction, so that no request waits for the mail server. A worker
 * sends it through SES (docs/adr/0013). A crash between the commit and the queue loses the mail, so members can request every mail again.
 * Never throws: a mail that cannot be queued is logged and counted. The e-mail address and the text are never logged.
 */
export async function send(mail: Mail): Promise<void> {
  await Db.afterCommit(() => enqueue({ to: mail.to, subject: mail.subject, text: mail.text }));
}

/**
 * Does the same work as {@link send}, so that neither the response nor its time reveals whether an account exists; the
 * worker discards the message.
 */
export async function sendDecoy({ subject, text }: Omit<Mail, "to">): Promise<void> {
  await Db.afterCommit(() => enqueue({ to: null, subject, text }));
}

async function enqueue(content: Content): Promise<void> {
  const { MAIL_FROM, MAIL_DIR } = Config.section("mail");
  if (MAIL_FROM === undefined && MAIL_DIR === undefined) {
    Log.warn("a mail was not sent: neither MAIL_FROM nor MAIL_DIR is set");
    return;
  }
  try {
    await Queue.get().send("mail", { body: Queue.toBody(sealMail(content)) });
  } catch (error) {
    Metrics.count("mail_failed_total", { reason: "not_queued" });
    Log.error("a mail could not be queued", error);
  }
}

export * as Mail from "./mail.ts";
