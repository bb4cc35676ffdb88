import { accountId, deployment, region, stage } from "./stage.ts";

const { mailFrom, passwordResetUrl } = deployment;

// Whether SES answers over IPv6 in every region is not proved, and a tenant has no other way out: a mail that is never sent shows
// only when somebody has forgotten a password.
if (mailFrom !== undefined && stage.egress === "ipv6")
  throw new Error(
    `The stage "${stage.name}" leaves over IPv6 alone and may not reach SES: unset GOTONG_MAIL_FROM, or set GOTONG_EGRESS to nat-instance.`,
  );

/** What tells the API who sends its mail. */
export const mailEnvironment: Record<string, string> = {
  ...(mailFrom === undefined ? {} : { MAIL_FROM: mailFrom }),
  ...(passwordResetUrl === undefined ? {} : { PASSWORD_RESET_URL: passwordResetUrl }),
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
