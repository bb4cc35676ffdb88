import type { Code } from "@gotong/core/platform/error.ts";
import { type Operation, page } from "./operation.ts";

/** Where the password is asked once more; a wrong one counts as a failed login. */
const PASSWORD_ASKED: readonly Code[] = ["WRONG_PASSWORD", "ACCOUNT_LOCKED"];

/** Accounts and sessions: see {@link OPERATIONS} of operations.ts. */
export const ACCOUNT_OPERATIONS: Readonly<Record<string, Operation>> = {
  "POST /v1/auth/register": {
    id: "register",
    summary: "Make an account and sign in",
    description:
      "A mail asks for a proof of the address, where one is required; an invitation proves the address that it was sent to. Accounts of one address are limited by the day.",
    answers: { 201: "SignedIn" },
    problems: ["USERNAME_TAKEN", "EMAIL_TAKEN", "INVITATION_REQUIRED", "INVALID_INVITATION"],
    isOpen: true,
  },
  "POST /v1/auth/login": {
    id: "login",
    summary: "Sign in",
    description:
      "Neither answer nor time tell whether there is such an account. Five failures lock the account for that address, a hundred in a row lock it until its password is reset; addresses from which it was signed in before have a count of their own. An account with a second factor answers `MFA_REQUIRED` to the right password: send it again with `mfa_code`, six digits of the app or a recovery code.",
    answers: { 200: "SignedIn" },
    problems: ["INVALID_CREDENTIALS", "ACCOUNT_LOCKED", "MFA_REQUIRED", "INVALID_MFA_CODE"],
    isOpen: true,
  },
  "POST /v1/auth/refresh": {
    id: "refreshTokens",
    summary: "Trade a refresh token for new tokens",
    description:
      "Each refresh token is good once. Within 10 s of its use it gives the same successor, for replies that were lost; later than that its use revokes the whole session.",
    answers: { 200: "Tokens" },
    problems: ["INVALID_REFRESH_TOKEN"],
    isOpen: true,
  },
  "POST /v1/auth/logout": { id: "logout", summary: "End a session", answers: { 204: null }, isOpen: true },
  "POST /v1/auth/password-resets": {
    id: "requestPasswordReset",
    summary: "Ask for a token that resets a password, by mail",
    description: "Always 202: neither answer nor time tell whether there is such an account.",
    answers: { 202: null },
    isOpen: true,
  },
  "POST /v1/auth/password-resets/confirm": {
    id: "confirmPasswordReset",
    summary: "Set a new password",
    description: "Ends all sessions of the account.",
    answers: { 204: null },
    problems: ["INVALID_RESET_TOKEN"],
    isOpen: true,
  },
  "POST /v1/auth/email-proofs": {
    id: "requestEmailProof",
    summary: "Ask again for the mail that proves an e-mail address",
    description:
      "Always 202: neither answer nor time tell whether there is such an account. One address gets three mails an hour.",
    answers: { 202: null },
    isOpen: true,
  },
  "POST /v1/auth/email-proofs/confirm": {
    id: "confirmEmailProof",
    summary: "Prove an e-mail address by the token of the mail",
    answers: { 204: null },
    problems: ["INVALID_EMAIL_PROOF"],
    isOpen: true,
  },
  "GET /v1/me": { id: "getMe", summary: "The member who asks", answers: { 200: "OwnUser" } },
  "PATCH /v1/me": {
    id: "updateMe",
    summary: "Change what you say of yourself",
    answers: { 200: "OwnUser" },
    problems: ["USERNAME_TAKEN", "RULE_VIOLATED"],
  },
  "DELETE /v1/me": {
    id: "deleteMe",
    summary: "Delete the account",
    description:
      "Asks for the password once more. Ends all sessions. Contributions stay, and no longer name the person.",
    answers: { 204: null },
    problems: PASSWORD_ASKED,
  },
  "POST /v1/me/email": {
    id: "requestEmailChange",
    summary: "Ask for another e-mail address",
    description:
      "It becomes yours when the token that is mailed there is confirmed; the present address is told. The answer does not tell whether another account has the address.",
    answers: { 202: null },
    problems: PASSWORD_ASKED,
  },
  "POST /v1/auth/email-changes/confirm": {
    id: "confirmEmailChange",
    summary: "Make the address to which the token was mailed yours",
    answers: { 204: null },
    problems: ["INVALID_EMAIL_PROOF", "EMAIL_TAKEN"],
    isOpen: true,
  },
  "POST /v1/me/password": {
    id: "changePassword",
    summary: "Change the password",
    description: "Asks for the old one. Ends all other sessions, and is told by mail.",
    answers: { 204: null },
    problems: PASSWORD_ASKED,
  },
  "GET /v1/me/mfa": {
    id: "getMfa",
    summary: "Your second factor",
    answers: { 200: "Mfa" },
  },
  "POST /v1/me/mfa/totp": {
    id: "enrolTotp",
    summary: "Begin to enrol an authenticator app",
    description: "Show `uri` as a QR code, or `secret` to type. It counts once its first code was confirmed.",
    answers: { 201: "TotpSecret" },
    problems: [...PASSWORD_ASKED, "MFA_ALREADY_ENABLED"],
  },
  "POST /v1/me/mfa/totp/confirm": {
    id: "confirmTotp",
    summary: "Enrol the app with its first code",
    description:
      "Answers recovery codes, which are shown only this once. This session has its second factor from now on.",
    answers: { 200: "RecoveryCodes" },
    problems: ["NOT_FOUND", "INVALID_MFA_CODE"],
  },
  "DELETE /v1/me/mfa/totp": {
    id: "removeTotp",
    summary: "Remove the second factor",
    answers: { 204: null },
    problems: [...PASSWORD_ASKED, "INVALID_MFA_CODE", "NOT_FOUND"],
  },
  "POST /v1/me/mfa/recovery-codes": {
    id: "renewRecoveryCodes",
    summary: "Replace the recovery codes",
    answers: { 200: "RecoveryCodes" },
    problems: [...PASSWORD_ASKED, "INVALID_MFA_CODE", "NOT_FOUND"],
  },
  "GET /v1/me/sessions": {
    id: "listSessions",
    summary: "Your open sessions, newest first",
    description: page,
    answers: { 200: "SessionPage" },
  },
  "DELETE /v1/me/sessions": {
    id: "endOtherSessions",
    summary: "End all sessions but this one",
    answers: { 204: null },
  },
  "DELETE /v1/me/sessions/:session_id": {
    id: "endSession",
    summary: "End one of your sessions",
    answers: { 204: null },
    problems: ["NOT_FOUND"],
  },
  "GET /v1/invitations": {
    id: "listInvitations",
    summary: "Your invitations, newest first; an admin sees all",
    description: page,
    answers: { 200: "InvitationPage" },
  },
  "POST /v1/invitations": {
    id: "createInvitation",
    summary: "Invite somebody by mail",
    description:
      "Admins may, and where a setting says so members with enough reputation. The token in the mail works once, for 14 days. Where the address has an account no mail is sent; the answer does not tell.",
    answers: { 201: "Invitation" },
    problems: ["FORBIDDEN", "REPUTATION_TOO_LOW"],
  },
  "DELETE /v1/invitations/:invitation_id": {
    id: "revokeInvitation",
    summary: "Take an invitation back",
    description: "Its sender or an admin may. Doing so twice is no error.",
    answers: { 204: null },
    problems: ["NOT_FOUND", "INVITATION_CLOSED"],
  },
  "GET /v1/me/export": {
    id: "exportMe",
    summary: "All that is kept about you",
    description:
      "In parts of less than 1 MB: send `next_cursor` as `cursor` for the next one. A list may be empty in one part and go on in another. For most members the first part is all.",
    answers: { 200: "Export" },
  },
};
