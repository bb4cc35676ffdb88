import { CATALOGUE, type Code } from "@gotong/core/platform/error.ts";
import { MEANING } from "./field-codes.ts";
import { page, prose } from "./html.ts";

/** Advice for callers, by problem code. */
export const ADVICE: Readonly<Record<Code, string>> = {
  MALFORMED_REQUEST:
    "Use an HTTP library: one `Host`, `Authorization` and `Content-Type`, and a request line with the path alone or the authority of `Host`.",
  MALFORMED_JSON: "Send one JSON value, nested at most 32 levels deep, without duplicate members.",
  VALIDATION_FAILED:
    "`errors` lists each invalid field and the violated rule. Correct them and send the request again.",
  UNAUTHENTICATED: "Send `Authorization: Bearer` with a valid access token; refresh it after 15 minutes, or log in.",
  INVALID_CREDENTIALS:
    "E-mail or password is wrong; the response does not reveal which. After five failures the account is locked temporarily.",
  INVALID_REFRESH_TOKEN: "The token has expired, was used before, or its session was revoked: log in again.",
  ACCOUNT_LOCKED:
    "Request a password reset: a new password unlocks the account. Open sessions continue. The response is the same for an account that does not exist.",
  MFA_REQUIRED:
    "At a login: send the same request with `mfa_code`, six digits of the member's app or a recovery code. Elsewhere: enrol with `POST /v1/me/mfa/totp`, or sign in with the second factor.",
  INVALID_MFA_CODE: "A code is valid once, for about a minute. Wrong codes are counted and lead to a temporary lock.",
  MFA_ALREADY_ENABLED: "Remove it first, with the password and a code.",
  WRONG_PASSWORD: "Ask the member for the password again. Wrong passwords count as failed logins.",
  FORBIDDEN: "You are authenticated but not allowed to do this; `detail` says who is.",
  EMAIL_NOT_VERIFIED:
    "Follow the link in the verification mail, or request another one with `POST /v1/auth/email-proofs`; then send the request again. Reading needs no verification.",
  INVITATION_REQUIRED:
    "Ask an admin or a member for an invitation, and send the token of its mail as `invitation` when you register.",
  NOT_FOUND: "It does not exist, or you are not allowed to see it: the response is the same.",
  METHOD_NOT_ALLOWED: "`Allow` lists the methods of the path.",
  NOT_ACCEPTABLE: "Accept `application/json`; pages are `text/html` and metrics `text/plain`.",
  REQUEST_TIMEOUT: "Send the headers within 10 s and the whole request within 30 s.",
  USERNAME_TAKEN: "Choose another username; usernames are not case-sensitive.",
  EMAIL_TAKEN: "An account with this address exists: log in, or reset its password.",
  TASK_NOT_OPEN: "Another member claimed it first, or it was cancelled. Read it again.",
  INVALID_TASK_STATE: "`detail` names the task's state and the states that allow this.",
  SKILL_EXISTS: "Use the existing skill; names are not case-sensitive.",
  ALREADY_VOUCHED: "A member can vouch for another member once in general and once per skill.",
  ALREADY_VERIFIED: "A verifier can vote once on a contribution.",
  VERIFICATION_CLOSED: "The quorum was reached: neither votes nor evidence are accepted any more.",
  INVALID_EVIDENCE_STATE: "`detail` names the piece's state and the states that allow this.",
  EVIDENCE_CHANGED: "Evidence was added, accepted or withdrawn: read the contribution again before you vote.",
  EVIDENCE_LIMIT_REACHED: "Choose the strongest pieces. Unused upload URLs stop counting after 5 minutes.",
  UPLOAD_ALREADY_USED: "Request a new upload for each piece of evidence.",
  DUPLICATE_FILE: "The same file is evidence of another contribution. Take another picture.",
  ALREADY_REPORTED: "Your report is open, and admins can see it.",
  ALREADY_RESOLVED: "Another admin resolved it first. Read the report again.",
  CONTENT_HIDDEN: "Read it again: `hidden` gives the reason. An admin can unhide it.",
  INVITATION_CLOSED: "The invitation was accepted, so it cannot be revoked.",
  IDEMPOTENCY_KEY_IN_USE:
    "A request with this `Idempotency-Key` is still running: wait for `Retry-After` seconds, and send the same request again.",
  PAYLOAD_TOO_LARGE: "A body may have at most 1 MiB. Send files to the URL of an upload, not through the API.",
  UNSUPPORTED_MEDIA_TYPE: "Send `Content-Type: application/json`.",
  EXPECTATION_FAILED: "Omit `Expect`, or send `100-continue`.",
  RULE_VIOLATED: "`detail` names the rule.",
  IDEMPOTENCY_KEY_REUSED:
    "The `Idempotency-Key` was used for another request or another body: generate a new key for each operation.",
  UPLOAD_MISSING:
    "Send the file to the URL of the upload first. After 7 days without a submission it is deleted: request a new upload.",
  UPLOAD_MISMATCH: "The file differs from its declaration: hash, length and type must match.",
  REPUTATION_TOO_LOW: "Have contributions verified before you vouch for others.",
  INVALID_RESET_TOKEN: "A token is valid once, for an hour: request a new one.",
  INVALID_EMAIL_PROOF:
    "The token is invalid, expired, or for another address: request another mail with `POST /v1/auth/email-proofs`.",
  INVALID_INVITATION:
    "The invitation is invalid, used, revoked or expired: ask for another one, or register without one if that is allowed.",
  LAST_ADMIN: "Give another member the role first.",
  RATE_LIMITED: "Wait for `Retry-After` seconds. `RateLimit-Policy` states the limit.",
  HEADERS_TOO_LARGE:
    "The request line and headers may have 16 KiB in total, `X-Request-Id` and `If-None-Match` 2,048 characters each: send fewer cookies, a shorter query, or fewer tags.",
  INTERNAL: "A server error. Send the request again later, with an `Idempotency-Key`; report the `request_id`.",
  UNAVAILABLE:
    "A required dependency is unavailable. Send the request again after `Retry-After` seconds, with an `Idempotency-Key`.",
};

const codes = () => Object.keys(CATALOGUE).filter((code): code is Code => code in CATALOGUE);

/** The HTML of the page to which the `type` of every problem links. */
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
    `<h1>Problems</h1><p>Errors are returned as <code>application/problem+json</code> (RFC 9457). Programs use <code>code</code>; the list is closed. <a href="/docs">The API</a></p>${sections.join("")}<section id="errors"><h2>Field error codes</h2><p>Each item of <code>errors</code> has a <code>code</code> of this closed list.</p><table>${fields}</table></section>`,
  );
}
