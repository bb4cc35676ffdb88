import * as Session from "@gotong/core/domain/session/schema.ts";
import type { Operation } from "../openapi/operation.ts";

/** What the document says of these routes: see {@link Operation}. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "POST /v1/auth/register": {
    id: "register",
    summary: "Make an account and sign in",
    description:
      "A mail asks for a proof of the address, where one is required; an invitation proves the address that it was sent to. Accounts of one address are limited by the day.",
    answers: { 201: Session.SignedIn },
    problems: ["USERNAME_TAKEN", "EMAIL_TAKEN", "INVITATION_REQUIRED", "INVALID_INVITATION"],
    isOpen: true,
  },
  "POST /v1/auth/login": {
    id: "login",
    summary: "Sign in",
    description:
      "Neither answer nor time tell whether there is such an account. Five failures lock the account for that address, a hundred in a row lock it until its password is reset; addresses from which it was signed in before have a count of their own. An account with a second factor answers `MFA_REQUIRED` to the right password: send it again with `mfa_code`, six digits of the app or a recovery code.",
    answers: { 200: Session.SignedIn },
    problems: ["INVALID_CREDENTIALS", "ACCOUNT_LOCKED", "MFA_REQUIRED", "INVALID_MFA_CODE"],
    isOpen: true,
  },
  "POST /v1/auth/refresh": {
    id: "refreshTokens",
    summary: "Trade a refresh token for new tokens",
    description:
      "Each refresh token is good once. Within 10 s of its use it gives the same successor, for replies that were lost; later than that its use revokes the whole session.",
    answers: { 200: Session.Tokens },
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
  "POST /v1/auth/email-changes/confirm": {
    id: "confirmEmailChange",
    summary: "Make the address to which the token was mailed yours",
    answers: { 204: null },
    problems: ["INVALID_EMAIL_PROOF", "EMAIL_TAKEN"],
    isOpen: true,
  },
};
