import { createHmac } from "node:crypto";
import * as v from "valibot";
import { Actor } from "../actor.ts";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { Id } from "../id.ts";
import { Seal } from "../seal.ts";

/** A message of the `mail` queue. E-mail addresses and tokens are only inside `sealed`. */
export const MailMessage = v.object({
  mail_id: v.pipe(v.string(), v.uuid()),
  /** Time of creation, RFC 3339. */
  created_at: v.pipe(v.string(), v.isoTimestamp()),
  request_id: v.string(),
  sealed: v.string(),
});
export type MailMessage = v.InferOutput<typeof MailMessage>;

const Content = v.object({
  /** The recipient's e-mail address; null for a message that the worker discards, see `Mail.sendDecoy`. */
  to: v.nullable(v.string()),
  subject: v.string(),
  text: v.string(),
});
export type Content = v.InferOutput<typeof Content>;

/**
 * The keys that encrypt mail in the queue: the current key first, then the previous key during a rotation.
 * @throws ConfigError when no key is set
 */
export function mailKeys(): [string, ...string[]] {
  const { MAIL_KEY, MAIL_KEY_PREVIOUS, JWT_KEY, JWT_KEY_PREVIOUS } = Config.section("mail");
  const [now, before] = MAIL_KEY === undefined ? [JWT_KEY, JWT_KEY_PREVIOUS] : [MAIL_KEY, MAIL_KEY_PREVIOUS];
  if (now === undefined) throw new Config.ConfigError(["MAIL_KEY is not set"]);
  return before === undefined ? [now] : [now, before];
}

/** Derives a separate key for each message. */
const keyOf = (secret: string, mailId: string) => createHmac("sha256", secret).update(`mail\n${mailId}`).digest();

/** Encrypts a mail for the queue. */
export function sealMail(content: Content): MailMessage {
  const [secret] = mailKeys();
  const mail_id = Id.uuid();
  return {
    mail_id,
    created_at: Clock.now().toISOString(),
    request_id: Actor.requestId(),
    sealed: Seal.seal(JSON.stringify(content), keyOf(secret, mail_id)),
  };
}

/** @throws Error when no key opens the message: during a rotation the worker may still have only the old key */
export function openMail({ mail_id, sealed }: MailMessage): Content {
  for (const secret of mailKeys()) {
    let text: string;
    try {
      text = Seal.open(sealed, keyOf(secret, mail_id));
    } catch {
      continue;
    }
    return v.parse(Content, JSON.parse(text));
  }
  throw new Error("no key decrypts this mail");
}
