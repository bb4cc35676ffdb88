import { CATALOGUE, type Code } from "@gotong/core/platform/error.ts";
import { MEANING } from "./field-codes.ts";
import { page, prose } from "./html.ts";

/** What a caller does about a problem. */
export const ADVICE: Readonly<Record<Code, string>> = {
  MALFORMED_REQUEST:
    "Use an HTTP library: one `Host`, `Authorization` and `Content-Type`, and a request line with the path alone or the authority of `Host`.",
  MALFORMED_JSON: "Send one JSON value, nested at most 32 deep, in which no object names a member twice.",
  VALIDATION_FAILED: "`errors` names each field and the rule that it breaks. Correct them and send the request again.",
  UNAUTHENTICATED:
    "Send `Authorization: Bearer` with an access token that is not older than 15 minutes; refresh it or log in.",
  INVALID_CREDENTIALS:
    "E-mail or password is wrong; which of them is not told. After five failures the account is locked for a while.",
  INVALID_REFRESH_TOKEN: "The token has ended, was used before, or its session was revoked: log in again.",
  ACCOUNT_LOCKED:
    "Ask for a password reset: a new password unlocks the account. Sessions that are open go on. The answer is the same for an account that does not exist.",
  MFA_REQUIRED:
    "At a login: send the same request with `mfa_code`, six digits of the member's app or a recovery code. Elsewhere: enrol with `POST /v1/me/mfa/totp`, or sign in with the second factor.",
  INVALID_MFA_CODE: "A code is good once, and for about a minute. Wrong ones are counted, and lock for a while.",
  MFA_ALREADY_ENABLED: "Remove it first, with the password and a code.",
  WRONG_PASSWORD: "Ask the member for their password once more. Wrong ones count as failed logins.",
  FORBIDDEN: "You are known, and may not do this; `detail` says who may.",
  EMAIL_NOT_VERIFIED:
    "Follow the link in the mail that came after the registration, or ask for another one with `POST /v1/auth/email-proofs`; then send the request again. Reading needs no proof.",
  INVITATION_REQUIRED:
    "Ask an admin or a member for an invitation, and send the token of its mail as `invitation` when you register.",
  NOT_FOUND: "There is none, or you may not know of it: the answer is the same.",
  METHOD_NOT_ALLOWED: "`Allow` says which methods the path takes.",
  NOT_ACCEPTABLE: "Accept `application/json`; pages are `text/html` and metrics `text/plain`.",
  REQUEST_TIMEOUT: "Send the headers within 10 s and the whole request within 30 s.",
  USERNAME_TAKEN: "Choose another username; upper and lower case are the same.",
  EMAIL_TAKEN: "There is an account with this address: log in, or reset its password.",
  TASK_NOT_OPEN: "Somebody else was faster, or the task was called off. Read it again.",
  INVALID_TASK_STATE: "`detail` says which state the task is in and which ones allow this.",
  SKILL_EXISTS: "Use the skill that is there; upper and lower case are the same.",
  ALREADY_VOUCHED: "A member vouches for another once in general and once for each skill.",
  ALREADY_VERIFIED: "A verifier votes once on a contribution.",
  VERIFICATION_CLOSED: "Enough verifiers have voted, and nothing changes what they judged: neither votes nor evidence.",
  INVALID_EVIDENCE_STATE: "`detail` says which state the piece is in and which ones allow this.",
  EVIDENCE_CHANGED:
    "Evidence was added, accepted or withdrawn meanwhile: look at the contribution again before you vote.",
  EVIDENCE_LIMIT_REACHED:
    "Choose the pieces that prove most. Upload URLs that were not used are free again after 5 minutes.",
  UPLOAD_ALREADY_USED: "Ask for a new upload for each piece of evidence.",
  DUPLICATE_FILE: "The same file proves another contribution already. Take another picture.",
  ALREADY_REPORTED: "Your report is open: admins see it.",
  ALREADY_RESOLVED: "Another admin was faster. Read the report again.",
  CONTENT_HIDDEN: "Read it again: `hidden` says why. An admin can show it again.",
  INVITATION_CLOSED: "Somebody came by this invitation already, so it cannot be taken back.",
  IDEMPOTENCY_KEY_IN_USE:
    "A request with this `Idempotency-Key` is still running: wait as long as `Retry-After` says, and send the same one again.",
  PAYLOAD_TOO_LARGE: "A body has at most 1 MiB. Files go to the URL of an upload, not through the API.",
  UNSUPPORTED_MEDIA_TYPE: "Send `Content-Type: application/json`.",
  EXPECTATION_FAILED: "Send no `Expect`, or `100-continue`.",
  RULE_VIOLATED: "`detail` says which rule.",
  IDEMPOTENCY_KEY_REUSED:
    "The `Idempotency-Key` belongs to another request, or another body: make a new one for each thing that you want done.",
  UPLOAD_MISSING: "Send the file to the URL of the upload first.",
  UPLOAD_MISMATCH: "What was sent is not what was declared: hash, length and type must be the file's own.",
  REPUTATION_TOO_LOW: "Contribute, and be verified, before you vouch for others.",
  INVALID_RESET_TOKEN: "A token resets a password once and within an hour: ask for a new one.",
  INVALID_EMAIL_PROOF:
    "The token is too old, belongs to another address, or is no token: ask for another mail with `POST /v1/auth/email-proofs`.",
  INVALID_INVITATION:
    "The invitation was used, taken back, is too old, or is none: ask for another one, or register without one where that is allowed.",
  LAST_ADMIN: "Make somebody else an admin first.",
  RATE_LIMITED: "Wait as long as `Retry-After` says. `RateLimit-Policy` tells the limit.",
  HEADERS_TOO_LARGE:
    "The request line and the headers have 16 KiB together, `X-Request-Id` and `If-None-Match` 2,048 characters each: send fewer cookies, a shorter query, or fewer tags.",
  INTERNAL: "Not your fault. Send the request again later, with an `Idempotency-Key`; tell us the `request_id`.",
  UNAVAILABLE:
    "Something that is needed does not answer now. Send the request again as `Retry-After` says, with an `Idempotency-Key`.",
};

const codes = () => Object.keys(CATALOGUE).filter((code): code is Code => code in CATALOGUE);

/** What the `type` of every problem leads to. */
export function problemsPage(): string {
  const sections = codes().map((code) => {
    const { status, title } = CATALOGUE[code];
    return `<section id="${code}"><h3><code>${code}</code></h3><p><strong>${status}.</strong> ${prose(title)}.</p><p>${prose(ADVICE[code])}</p></section>`;
  });
  const fields = Object.entries(MEANING)
    .map(([code, meaning]) => `<tr><td><code>${code}</code></td><td>${prose(meaning)}</td></tr>`)
    .join("");
  return page(
    "Problems",
    `<h1>Problems</h1><p>What goes wrong is told as <code>application/problem+json</code> (RFC 9457). Programs decide by <code>code</code>; the list is closed. <a href="/docs">The API</a></p>${sections.join("")}<section id="errors"><h2>Codes of fields</h2><p>Each of <code>errors</code> has a <code>code</code> of this list, which is closed as well.</p><table>${fields}</table></section>`,
  );
}
