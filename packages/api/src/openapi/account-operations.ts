import type { Operation } from "./operations.ts";

/** What the document says of the routes of accounts, one's own and those to come: see `operations.ts`. */
export const ACCOUNT_OPERATIONS: Readonly<Record<string, Operation>> = {
  "POST /v1/auth/register": {
    id: "register",
    summary: "Make an account and sign in",
    answers: { 201: "SignedIn" },
    description:
      "A mail asks for a proof of the address, where one is required; an invitation proves the address that it was sent to. Accounts of one address are limited by the day.",
    problems: ["USERNAME_TAKEN", "EMAIL_TAKEN", "INVITATION_REQUIRED", "INVALID_INVITATION"],
    isOpen: true,
  },
  "POST /v1/auth/login": {
    id: "login",
    summary: "Sign in",
    description:
      "Neither answer nor time tell whether there is such an account. Five failures lock the account for that address, a hundred in a row lock it until its password is reset; addresses from which it was signed in before have a count of their own.",
    answers: { 200: "SignedIn" },
    problems: ["INVALID_CREDENTIALS", "ACCOUNT_LOCKED"],
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
    problems: ["USERNAME_TAKEN"],
  },
  "DELETE /v1/me": {
    id: "deleteMe",
    summary: "Delete the account",
    description: "Ends all sessions. Contributions stay, and no longer name the person.",
    answers: { 204: null },
  },
  "GET /v1/me/export": { id: "exportMe", summary: "All that is kept about you", answers: { 200: "Export" } },
  "GET /v1/invitations": {
    id: "listInvitations",
    summary: "Your invitations, newest first; an admin sees all",
    description: "Keyset pagination: send `next_cursor` as `cursor` for the next page.",
    answers: { 200: "InvitationPage" },
  },
  "POST /v1/invitations": {
    id: "createInvitation",
    summary: "Invite somebody by mail",
    description:
      "Admins may, and where a setting says so members with enough reputation. The token in the mail works once, for 14 days.",
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
};
