import * as Vouch from "@gotong/core/domain/vouch/schema.ts";
import type { Operation } from "../openapi/operation.ts";

/** What the document says of these routes: see {@link Operation}. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "POST /v1/vouches": {
    id: "createVouch",
    summary: "Vouch for a member",
    description:
      "Once in general, and once for each skill; ten a day. Admins may, members who came by an invitation (not for the member who invited them), and members with enough reputation.",
    answers: { 201: Vouch.Info },
    problems: ["FORBIDDEN", "RULE_VIOLATED", "REPUTATION_TOO_LOW", "ALREADY_VOUCHED"],
  },
};
