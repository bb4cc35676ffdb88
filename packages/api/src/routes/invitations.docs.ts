import * as Invitation from "@gotong/core/domain/invitation/schema.ts";
import { type Operation, page } from "../openapi/operation.ts";

/** What the document says of these routes: see {@link Operation}. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/invitations": {
    id: "listInvitations",
    summary: "Your invitations, newest first; an admin sees all",
    description: page,
    answers: { 200: Invitation.InfoPage },
  },
  "POST /v1/invitations": {
    id: "createInvitation",
    summary: "Invite somebody by mail",
    description:
      "Admins may, and where a setting says so members with enough reputation. The token in the mail works once, for 14 days. Where the address has an account no mail is sent; the answer does not tell.",
    answers: { 201: Invitation.Info },
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
