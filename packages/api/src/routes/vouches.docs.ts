import * as Vouch from "@gotong/core/domain/vouch/schema.ts";
import { type Operation, page } from "../openapi/operation.ts";

/** Documentation of the vouch routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/vouches": {
    id: "listVouches",
    summary: "Vouches, newest first",
    description: page,
    answers: { 200: Vouch.InfoPage },
  },
  "POST /v1/vouches": {
    id: "createVouch",
    summary: "Vouch for a member",
    description:
      "One general vouch per member, and one per skill; ten a day. For admins, members who were invited (not for their inviter), and members with enough reputation.",
    answers: { 201: Vouch.Info },
    problems: ["FORBIDDEN", "RULE_VIOLATED", "REPUTATION_TOO_LOW", "ALREADY_VOUCHED"],
  },
};
