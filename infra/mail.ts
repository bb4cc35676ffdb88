import { accountId, deployment, region } from "./stage.ts";

const { mailFrom, pages, registration } = deployment;

/** Whether the stage sends mail. Without a sender the mail queue stays empty and has no worker. */
export const hasMail = mailFrom !== undefined;

/** Variables of the API and of the mail worker: the sender, and the pages that links in mail open. */
export const mailEnvironment: Record<string, string> = {
  ...(mailFrom === undefined ? {} : { MAIL_FROM: mailFrom }),
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
