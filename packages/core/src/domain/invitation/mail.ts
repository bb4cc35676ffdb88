import { Config } from "../../platform/config.ts";

interface Invitation {
  readonly token: string;
  readonly days: number;
  /** The inviting member's name; undefined for the platform. */
  readonly inviter: string | undefined;
  readonly message: string | undefined;
}

/** The token is in the URL's fragment, which browsers send neither to servers nor in the referrer. */
export function invitationMail({ token, days, inviter, message }: Invitation): { subject: string; text: string } {
  const page = Config.section("mail").INVITATION_URL;
  const how = page === undefined ? `Token: ${token}` : `Join here:\n${page}#token=${token}`;
  const who = inviter === undefined ? "You are invited" : `${inviter} invites you`;
  const quoted = message ? `\n\nThey write:\n${message.replaceAll(/^/gm, "> ")}` : "";
  return {
    subject: "An invitation to join",
    text: `${who} to join a community on Gotong Royong.${quoted}\n\n${how}\n\nIt works once, within ${days} days. If you do not want to join, do nothing: your address is erased then.`,
  };
}
