import { router } from "./cdn.ts";
import { accountId, deployment, region } from "./stage.ts";

const { mailFrom, openTasks, pages, registration } = deployment;

/**
 * Whether the stage sends mail, and push notifications, which share its queue. If no sender is configured, that queue
 * stays empty and has no worker.
 */
export const hasMail = mailFrom !== undefined;

/** Paths of the app's pages to which links in mails lead, unless the deployment configures other URLs. */
const PAGES_OF_APP = {
  PASSWORD_RESET_URL: "/reset",
  EMAIL_PROOF_URL: "/confirm-email",
  EMAIL_CHANGE_URL: "/confirm-email?change",
  INVITATION_URL: "/register",
} as const;
const ofApp = Object.fromEntries(
  Object.entries(PAGES_OF_APP).map(([name, path]) => [name, $interpolate`${router.url}${path}`]),
);

/** Settings of the API for mail: the sender, and the pages to which links in mails lead. */
export const mailEnvironment: Record<string, $util.Input<string>> = {
  ...(mailFrom === undefined ? {} : { MAIL_FROM: mailFrom, PUSH_SUBJECT: `mailto:${mailFrom}` }),
  ...ofApp,
  ...pages,
};

/**
 * Settings of registration and of what people without an account see. If the stage sends no mail, addresses cannot be verified, so verification is not
 * required.
 */
export const membershipEnvironment: Record<string, string> = {
  ...(hasMail ? {} : { EMAIL_PROOF_REQUIRED: "false" }),
  ...(registration === undefined ? {} : { REGISTRATION: registration }),
  ...(openTasks === undefined ? {} : { OPEN_TASKS: openTasks }),
};

/** The permission to send mail with this sender, whether SES has verified the address or its domain. */
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
