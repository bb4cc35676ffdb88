import { router } from "./cdn.ts";
import { accountId, deployment, region } from "./stage.ts";

const { mailFrom, pages, registration } = deployment;

/** Whether the stage sends mail, and pushes, which share its queue. Without a sender that queue stays empty and has no worker. */
export const hasMail = mailFrom !== undefined;

/** The app's pages that links in mail open, unless the deployment names others. */
const PAGES_OF_APP = {
  PASSWORD_RESET_URL: "/reset",
  EMAIL_PROOF_URL: "/confirm-email",
  EMAIL_CHANGE_URL: "/confirm-email?change",
  INVITATION_URL: "/register",
} as const;
const ofApp = Object.fromEntries(
  Object.entries(PAGES_OF_APP).map(([name, path]) => [name, $interpolate`${router.url}${path}`]),
);

/** Variables of the API: the sender, and the pages that links in mail open. */
export const mailEnvironment: Record<string, $util.Input<string>> = {
  ...(mailFrom === undefined ? {} : { MAIL_FROM: mailFrom, PUSH_SUBJECT: `mailto:${mailFrom}` }),
  ...ofApp,
  ...pages,
};

/** Who may join. Without mail no address can be verified, so verification is not required. */
export const membershipEnvironment: Record<string, string> = {
  ...(hasMail ? {} : { EMAIL_PROOF_REQUIRED: "false" }),
  ...(registration === undefined ? {} : { REGISTRATION: registration }),
};

/** Permission to send as this sender, whether SES has verified the address or its domain. */
export const mailPermissions =
  mailFrom === undefined
    ? []
    : [
        {
          actions: ["ses:SendEmail"],
          resources: [mailFrom, mailFrom.slice(mailFrom.indexOf("@") + 1)].map(
            (identity) => $interpolate`arn:aws:ses:${region}:${accountId}:identity/${identity}`,
          ),
          conditions: [{ test: "StringEquals", variable: "ses:FromAddress", values: [mailFrom] }],
        },
      ];
