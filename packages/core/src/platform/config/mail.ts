import * as v from "valibot";
import { hosts, oneLine, secret, url } from "./values.ts";

export const mail = v.pipe(
  v.object({
    AWS_REGION: v.optional(oneLine, "us-east-1"),
    /** The sender's address; mail goes out through SES. */
    MAIL_FROM: v.optional(oneLine),
    /** The directory where mail is written instead of being sent. */
    MAIL_DIR: v.optional(oneLine),
    /** Encrypts mail in the queue; without it the key of access tokens does, which the worker then must have. */
    MAIL_KEY: v.optional(secret),
    MAIL_KEY_PREVIOUS: v.optional(secret),
    JWT_KEY: v.optional(secret),
    JWT_KEY_PREVIOUS: v.optional(secret),
    /** The client's page that receives the token of a password reset after `#token=`. */
    PASSWORD_RESET_URL: v.optional(url("http:", "https:")),
    /** The same for e-mail verification and for invitations. */
    EMAIL_CHANGE_URL: v.optional(url("http:", "https:")),
    EMAIL_PROOF_URL: v.optional(url("http:", "https:")),
    INVITATION_URL: v.optional(url("http:", "https:")),
    /** The key pair of Web Push is derived from it; without it there are no pushes. A new one ends all subscriptions. */
    PUSH_KEY: v.optional(secret),
    /** Where push services reach the operators: `mailto:` or `https:` (RFC 8292 §2.1). */
    PUSH_SUBJECT: v.optional(url("mailto:", "https:"), "https://gotong.example"),
    /** The hosts to which pushes may go, separated by commas; `*.` stands for any host below. */
    PUSH_SERVICES: v.optional(
      hosts,
      "fcm.googleapis.com,*.push.services.mozilla.com,*.push.apple.com,*.notify.windows.com",
    ),
    /** Where pushes go instead of their services: a double of them. */
    PUSH_ENDPOINT: v.optional(url("http:", "https:")),
    SES_ENDPOINT: v.optional(url("http:", "https:")),
  }),
  v.forward(
    v.check(({ MAIL_KEY, JWT_KEY }) => (MAIL_KEY ?? JWT_KEY) !== undefined, "is not set"),
    ["MAIL_KEY"],
  ),
);
