import * as Contribution from "@gotong/core/domain/contribution/schema.ts";
import * as Report from "@gotong/core/domain/report/schema.ts";
import * as Reputation from "@gotong/core/domain/reputation/schema.ts";
import * as User from "@gotong/core/domain/user/schema.ts";
import * as Vouch from "@gotong/core/domain/vouch/schema.ts";
import { type Operation, REPORT, page } from "../openapi/operation.ts";

/** Documentation of the user routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/users": {
    id: "listUsers",
    summary: "Find members by name or by id",
    description: `\`q\` has beginnings of words of their names; deleted members are found by id only. 403 without \`ids\` where the community has switched the search off. ${page}`,
    answers: { 200: User.PersonPage },
    problems: ["FORBIDDEN"],
  },
  "GET /v1/users/:user_id": {
    id: "getUser",
    summary: "One member",
    answers: { 200: User.Info },
    problems: ["NOT_FOUND"],
  },
  "GET /v1/users/:user_id/reputation": {
    id: "getReputation",
    summary: "A member's reputation",
    description:
      "Read from Markov and cached for 5 minutes; while Markov is unavailable the last known value, with `stale: true`.",
    answers: { 200: Reputation.Info },
    problems: ["NOT_FOUND"],
  },
  "GET /v1/users/:user_id/contributions": {
    id: "listUserContributions",
    summary: "A member's contributions, newest first",
    description: page,
    answers: { 200: Contribution.InfoPage },
    problems: ["NOT_FOUND"],
  },
  "GET /v1/users/:user_id/vouches": {
    id: "listUserVouches",
    summary: "Vouches for a member, newest first",
    description: page,
    answers: { 200: Vouch.InfoPage },
    problems: ["NOT_FOUND"],
  },
  "POST /v1/users/:user_id/reports": {
    id: "reportUser",
    summary: "Report a member to the admins",
    description: REPORT,
    answers: { 201: Report.Info },
    problems: ["NOT_FOUND", "RULE_VIOLATED", "ALREADY_REPORTED"],
  },
};
