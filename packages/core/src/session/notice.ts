import { Mail } from "../mail/index.ts";

/** What a member is told by mail about their account (OWASP ASVS 5.0, 6.3.7): whoever did it, they hear of it. */
const NOTICES = {
  password: {
    subject: "Your password was changed",
    text: "The password of your account was changed, and your other sessions were ended. If it was not you, ask for a new password now.",
  },
  reuse: {
    subject: "A session of yours was ended",
    text: "A token of one of your sessions was used a second time, as a thief would. We ended that session; sign in again. If it happens again, change your password.",
  },
  roles: {
    subject: "Your roles were changed",
    text: "Somebody who runs the platform changed what you may do.",
  },
} as const;
export type Kind = keyof typeof NOTICES;

/**
 * Tells a member what happened to their account, once the present transaction has committed.
 * @param more a sentence behind the text
 */
export async function send(to: string, kind: Kind, more = ""): Promise<void> {
  const { subject, text } = NOTICES[kind];
  await Mail.send({ to, subject, text: more === "" ? text : `${text}\n\n${more}` });
}

export * as Notice from "./notice.ts";
