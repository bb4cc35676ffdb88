import * as v from "valibot";
import { hosts, oneLine, secret, url } from "./values.ts";

export const mail = v.pipe(
  v.object({
    AWS_REGION: v.optional(oneLine, "us-east-1"),
    /** The sender's e-mail address; mail is sent through SES. */
    MAIL_FROM: v.optional(oneLine),
    /** The directory to which mail is written instead of being sent. */
    MAIL_DIR: v.optional(oneLine),
    /** Key that encrypts mail in the queue. If it is not set, `JWT_KEY` is used, which the worker then must have. */
    MAIL_KEY: v.optional(secret),
    MAIL_KEY_PREVIOUS: v.optional(secret),
    JWT_KEY: v.optional(secret),
    JWT_KEY_PREVIOUS: v.optional(secret),
    /** The client's page for password resets, which receives the token after `#token=`. */
    PASSWORD_RESET_URL: v.optional(url("http:", "https:")),
    /**
     * The client's pages for changing and verifying an e-mail address and for invitations. They receive their tokens
     * after `#token=` as well.
     */
    EMAIL_CHANGE_URL: v.optional(url("http:", "https:")),
    EMAIL_PROOF_URL: v.optional(url("http:", "https:")),
    INVITATION_URL: v.optional(url("http:", "https:")),
    /** The secret from which the key pair of Web Push is derived; unset, no pushes are sent. A new value invalidates all subscriptions. */
    PUSH_KEY: v.optional(secret),
    /** Contact of the operators for push services: `mailto:` or `https:` (RFC 8292 §2.1). */
    PUSH_SUBJECT: v.optional(url("mailto:", "https:"), "https://gotong.example"),
    /** The hosts to which pushes may be sent, separated by commas; `*.` matches any subdomain. */
    PUSH_SERVICES: v.optional(
      hosts,
      "fcm.googleapis.com,*.push.services.mozilla.com,*.push.apple.com,*.notify.windows.com",
    ),
    /** URL of a test double, to which pushes are sent instead of the push services. */
    PUSH_ENDPOINT: v.optional(url("http:", "https:")),
    SES_ENDPOINT: v.optional(url("http:", "https:")),
  }),
  v.forward(
    v.check(({ MAIL_KEY, JWT_KEY }) => (MAIL_KEY ?? JWT_KEY) !== undefined, "is not set"),
    ["MAIL_KEY"],
  ),
);
