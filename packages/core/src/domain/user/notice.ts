import { voiceFor } from "./voice.ts";
import { Mail } from "../../platform/mail/index.ts";

/** Mails about changes of a member's account (OWASP ASVS 5.0, 6.3.7), sent even if the member made the change. */
const NOTICES = {
  password: {
    subject: "Your password was changed",
    text: "The password of your account was changed, and your other sessions were ended. If it was not you, ask for a new password now.",
  },
  reuse: {
    subject: "A session of yours was ended",
    text: "A token of one of your sessions was used a second time, so it may be stolen. We ended that session; sign in again. If it happens again, change your password.",
  },
  mfa_on: {
    subject: "A second factor protects your account",
    text: "From now on every login requires a code of your authenticator app. If it was not you, change your password and contact the people who run the platform.",
  },
  mfa_off: {
    subject: "The second factor of your account was removed",
    text: "Logins to your account no longer require a code. If it was not you, change your password now and contact the people who run the platform.",
  },
  mfa_codes: {
    subject: "You have new recovery codes",
    text: "The recovery codes of your account were replaced; the former ones no longer work. If it was not you, change your password now.",
  },
  email_asked: {
    subject: "Another address for your account",
    text: "Someone, hopefully you, requested another e-mail address for your account. It stays as it is until the new address is confirmed. If it was not you, change your password now: that stops it.",
  },
  email: {
    subject: "The address of your account was changed",
    text: "Your account has another e-mail address from now on; logins and mails use the new one. If it was not you, contact the people who run the platform now.",
  },
  roles: {
    subject: "Your roles were changed",
    text: "An admin changed your roles.",
  },
} as const;
export type Kind = keyof typeof NOTICES;

/**
 * Notifies a member by mail, after the commit of the current transaction.
 * @param more a sentence appended to the text
 */
export async function send(to: string, kind: Kind, more = ""): Promise<void> {
  const { subject, text } = NOTICES[kind];
  const say = await voiceFor(to);
  await Mail.send({ to, subject: say(subject), text: more === "" ? say(text) : `${say(text)}\n\n${say(more)}` });
}

export * as Notice from "./notice.ts";
