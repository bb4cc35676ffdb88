import * as Invitation from "@gotong/core/domain/invitation/schema.ts";
import { type Operation, page } from "../openapi/operation.ts";

/** Documentation of the invitation routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/invitations": {
    id: "listInvitations",
    summary: "Your invitations, newest first; admins see all",
    description: page,
    answers: { 200: Invitation.InfoPage },
  },
  "POST /v1/invitations": {
    id: "createInvitation",
    summary: "Invite a person by mail, or by a link",
    description:
      "For admins, and if a setting allows it for members with enough reputation. With `email` a mail is sent; its token is valid for one use within 14 days. If the address has an account no mail is sent; the response does not reveal it. Without `email` the invitation is a link to pass on: `uses` members may join with it, and may act before they verify their address. Its token is shown only in this response.",
    answers: { 201: Invitation.Created },
    problems: ["FORBIDDEN", "REPUTATION_TOO_LOW"],
  },
  "DELETE /v1/invitations/:invitation_id": {
    id: "revokeInvitation",
    summary: "Revoke an invitation",
    description: "For its sender or an admin. Revoking it again is not an error.",
    answers: { 204: null },
    problems: ["NOT_FOUND", "INVITATION_CLOSED"],
  },
};
