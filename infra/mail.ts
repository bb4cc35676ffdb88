import { accountId, deployment, region } from "./stage.ts";

const { mailFrom, pages, registration } = deployment;

/** Whether the stage sends mail. Without a sender nothing is put on the queue of mail, and nobody asks it. */
export const hasMail = mailFrom !== undefined;

/** What the API and the worker of mail are told: whether mail is sent, by whom, and to where its links lead. */
export const mailEnvironment: Record<string, string> = {
  ...(mailFrom === undefined ? {} : { MAIL_FROM: mailFrom }),
  ...pages,
};

/** Who may join. Where no mail goes out nobody could prove an address, so nobody is asked to. */
export const membershipEnvironment: Record<string, string> = {
  ...(hasMail ? {} : { EMAIL_PROOF_REQUIRED: "false" }),
  ...(registration === undefined ? {} : { REGISTRATION: registration }),
};

/** Leave to send as this sender, whether the address itself is verified or its domain. */
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
