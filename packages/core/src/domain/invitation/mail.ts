import { Config } from "../../platform/config.ts";

interface Invitation {
  readonly token: string;
  readonly days: number;
  /** The inviting member's name; undefined for the platform. */
  readonly inviter: string | undefined;
  readonly message: string | undefined;
  /** Translates an English text into the language of the request, since the guest's language is not known. */
  readonly say: (text: string) => string;
}

/** The token is in the URL's fragment, which browsers send neither to servers nor in the referrer. */
export function invitationMail({ token, days, inviter, message, say }: Invitation): { subject: string; text: string } {
  const page = Config.section("mail").INVITATION_URL;
  const how = page === undefined ? `Token: ${token}` : `${say("Join here:")}\n${page}#token=${token}`;
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
