import { Config } from "../../platform/config.ts";
import { MailToken } from "../../platform/mail/index.ts";

interface Invitation {
  readonly token: string;
  readonly days: number;
  /** The inviting member's name; undefined for the platform. */
  readonly inviter: string | undefined;
  readonly message: string | undefined;
  /** Translates an English text into the language of the request, since the guest's language is not known. */
  readonly say: (text: string) => string;
}

/** The URL with which a guest joins; undefined without `INVITATION_URL`. */
export function joinUrl(token: string): string | undefined {
  return MailToken.tokenUrl(Config.section("mail").INVITATION_URL, token);
}

export function invitationMail({ token, days, inviter, message, say }: Invitation): { subject: string; text: string } {
  const how = MailToken.tokenLines(say("Join here:"), Config.section("mail").INVITATION_URL, token);
  const who =
    inviter === undefined
      ? say("You are invited to join a community on Gotong Royong.")
      : say(`${inviter} invites you to join a community on Gotong Royong.`);
  const quoted = message ? `\n\n${say("They write:")}\n${message.replaceAll(/^/gm, "> ")}` : "";
  return {
    subject: say("An invitation to join"),
    text: [
      `${who}${quoted}`,
      how,
      say(`It works once, within ${days} days. If you do not want to join, do nothing: your address is erased then.`),
    ].join("\n\n"),
  };
}
