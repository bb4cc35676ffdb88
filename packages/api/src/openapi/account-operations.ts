import type { Code } from "@gotong/core/error.ts";
import { type Operation, page } from "./operation.ts";

/** Where the password is asked once more; a wrong one counts as a failed login. */
const PASSWORD_ASKED: readonly Code[] = ["WRONG_PASSWORD", "ACCOUNT_LOCKED"];

/** Accounts and sessions: see {@link OPERATIONS} of operations.ts. */
export const ACCOUNT_OPERATIONS: Readonly<Record<string, Operation>> = {
  "POST /v1/auth/register": {
    id: "register",
    summary: "Make an account and sign in",
    answers: { 201: "SignedIn" },
    problems: ["USERNAME_TAKEN", "EMAIL_TAKEN"],
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
    description:
      "Asks for the password once more. Ends all sessions. Contributions stay, and no longer name the person.",
    answers: { 204: null },
    problems: PASSWORD_ASKED,
  },
  "POST /v1/me/password": {
    id: "changePassword",
    summary: "Change the password",
    description: "Asks for the old one. Ends all other sessions, and is told by mail.",
    answers: { 204: null },
    problems: PASSWORD_ASKED,
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
  "GET /v1/me/export": {
    id: "exportMe",
    summary: "All that is kept about you",
    description:
      "In parts of less than 1 MB: send `next_cursor` as `cursor` for the next one. A list may be empty in one part and go on in another. For most members the first part is all.",
    answers: { 200: "Export" },
  },
};
