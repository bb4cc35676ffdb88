import * as Block from "@gotong/core/domain/block/schema.ts";
import * as Export from "@gotong/core/domain/account/export/schema.ts";
import * as Mfa from "@gotong/core/domain/mfa/schema.ts";
import * as Session from "@gotong/core/domain/session/schema.ts";
import * as User from "@gotong/core/domain/user/schema.ts";
import type { Code } from "@gotong/core/platform/error.ts";
import { type Operation, page } from "../openapi/operation.ts";

/** Where the password is asked once more; a wrong one counts as a failed login. */
const PASSWORD_ASKED: readonly Code[] = ["WRONG_PASSWORD", "ACCOUNT_LOCKED"];

/** What the document says of these routes: see {@link Operation}. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/me": { id: "getMe", summary: "The member who asks", answers: { 200: User.OwnInfo } },
  "PATCH /v1/me": {
    id: "updateMe",
    summary: "Change what you say of yourself",
    answers: { 200: User.OwnInfo },
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
    answers: { 200: Mfa.Status },
  },
  "POST /v1/me/mfa/totp": {
    id: "enrolTotp",
    summary: "Begin to enrol an authenticator app",
    description: "Show `uri` as a QR code, or `secret` to type. It counts once its first code was confirmed.",
    answers: { 201: Mfa.TotpSecret },
    problems: [...PASSWORD_ASKED, "MFA_ALREADY_ENABLED"],
  },
  "POST /v1/me/mfa/totp/confirm": {
    id: "confirmTotp",
    summary: "Enrol the app with its first code",
    description:
      "Answers recovery codes, which are shown only this once. This session has its second factor from now on.",
    answers: { 200: Mfa.RecoveryCodes },
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
    answers: { 200: Mfa.RecoveryCodes },
    problems: [...PASSWORD_ASKED, "INVALID_MFA_CODE", "NOT_FOUND"],
  },
  "GET /v1/me/sessions": {
    id: "listSessions",
    summary: "Your open sessions, newest first",
    description: page,
    answers: { 200: Session.InfoPage },
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
    answers: { 200: Export.Part },
  },
  "GET /v1/me/blocks": {
    id: "listBlocks",
    summary: "Whom you have blocked, the latest first",
    description: page,
    answers: { 200: Block.InfoPage },
  },
  "PUT /v1/me/blocks/:user_id": {
    id: "blockUser",
    summary: "Block a member",
    description:
      "They can no longer vouch for you, take your tasks, assign theirs to you, add evidence to your contributions or name you as a witness: each is answered 403. Blocking again changes nothing.",
    answers: { 200: Block.Info },
    problems: ["NOT_FOUND", "RULE_VIOLATED"],
  },
  "DELETE /v1/me/blocks/:user_id": {
    id: "unblockUser",
    summary: "End a block",
    description: "One that is not there changes nothing.",
    answers: { 204: null },
  },
};
