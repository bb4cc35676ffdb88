import * as Session from "@gotong/core/domain/session/schema.ts";
import type { Operation } from "../openapi/operation.ts";

/** Documentation of the authentication routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "POST /v1/auth/register": {
    id: "register",
    summary: "Create an account and sign in",
    description:
      "If verification is required, a mail with a verification token is sent; an invitation verifies the address that it was sent to. The accounts per IP address and day are limited.",
    answers: { 201: Session.SignedIn },
    problems: ["USERNAME_TAKEN", "EMAIL_TAKEN", "INVITATION_REQUIRED", "INVALID_INVITATION"],
    isOpen: true,
  },
  "POST /v1/auth/login": {
    id: "login",
    summary: "Sign in",
    description:
      "Response and timing do not reveal whether the account exists. Five failures lock the account for the client's IP address, a hundred consecutive ones lock it until its password is reset; IP addresses of earlier logins are counted separately. With a second factor, the right password is answered with `MFA_REQUIRED`: send the request again with `mfa_code`, six digits of the app or a recovery code.",
    answers: { 200: Session.SignedIn },
    problems: ["INVALID_CREDENTIALS", "ACCOUNT_LOCKED", "MFA_REQUIRED", "INVALID_MFA_CODE"],
    isOpen: true,
  },
  "POST /v1/auth/refresh": {
    id: "refreshTokens",
    summary: "Exchange a refresh token for new tokens",
    description:
      "A refresh token is valid for one use. Within 10 s it returns the same successor again, for lost responses; a later reuse revokes the whole session.",
    answers: { 200: Session.Tokens },
    problems: ["INVALID_REFRESH_TOKEN"],
    isOpen: true,
  },
  "POST /v1/auth/logout": { id: "logout", summary: "End a session", answers: { 204: null }, isOpen: true },
  "POST /v1/auth/password-resets": {
    id: "requestPasswordReset",
    summary: "Request a password reset token by mail",
    description: "Always 202: response and timing do not reveal whether the account exists.",
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
    summary: "Request another verification mail",
    description:
      "Always 202: response and timing do not reveal whether the account exists. At most three mails per address and hour.",
    answers: { 202: null },
    isOpen: true,
  },
  "POST /v1/auth/email-proofs/confirm": {
    id: "confirmEmailProof",
    summary: "Verify an e-mail address with the token of the mail",
    answers: { 204: null },
    problems: ["INVALID_EMAIL_PROOF"],
    isOpen: true,
  },
  "POST /v1/auth/email-changes/confirm": {
    id: "confirmEmailChange",
    summary: "Confirm a new e-mail address with the token of the mail",
    answers: { 204: null },
    problems: ["INVALID_EMAIL_PROOF", "EMAIL_TAKEN"],
    isOpen: true,
  },
};
