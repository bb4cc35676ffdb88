import * as Comment from "@gotong/core/domain/comment/schema.ts";
import * as Contribution from "@gotong/core/domain/contribution/schema.ts";
import * as Evidence from "@gotong/core/domain/evidence/schema.ts";
import * as Report from "@gotong/core/domain/report/schema.ts";
import * as Task from "@gotong/core/domain/task/schema.ts";
import * as User from "@gotong/core/domain/user/schema.ts";
import { type Operation, page } from "../openapi/operation.ts";

const UNHIDE = "Not allowed for an admin who owns the content (403). Audited.";

/** Documentation of the moderation routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/admin/reports": {
    id: "listReports",
    summary: "Reports of members, oldest first",
    description: `Open reports unless \`status\` is given; none about the current admin. ${page}`,
    answers: { 200: Report.AdminInfoPage },
    role: "admin",
  },
  "GET /v1/admin/reports/:report_id": {
    id: "getReport",
    summary: "One report",
    description: "A report about the current admin is answered 404.",
    answers: { 200: Report.AdminInfo },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/reports/:report_id/resolve": {
    id: "resolveReport",
    summary: "Resolve a report",
    description:
      "Only records the outcome: hide the content before you resolve the report as `hidden`. `include_same_target` resolves all open reports of the same target. Audited.",
    answers: { 200: Report.AdminInfo },
    problems: ["NOT_FOUND", "RULE_VIOLATED", "ALREADY_RESOLVED"],
    role: "admin",
  },
  "POST /v1/admin/users/:user_id/avatar/hide": {
    id: "hideAvatar",
    summary: "Hide a member's profile picture",
    description:
      "From everyone; the member can read the reason. Shared caches may show it for another hour. A picture that they set later is shown. Hiding it again replaces the reason. 404 for a member without a picture. Audited.",
    answers: { 200: User.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/users/:user_id/avatar/unhide": {
    id: "unhideAvatar",
    summary: "Unhide a member's profile picture",
    description: UNHIDE,
    answers: { 200: User.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/tasks/:task_id/hide": {
    id: "hideTask",
    summary: "Hide a task",
    description:
      "From all members except its creator, its assignee and admins, who can read the reason. It cannot be claimed or worked on while it is hidden. Hiding it again replaces the reason. Audited.",
    answers: { 200: Task.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/tasks/:task_id/unhide": {
    id: "unhideTask",
    summary: "Unhide a task",
    description: UNHIDE,
    answers: { 200: Task.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/contributions/:contribution_id/hide": {
    id: "hideContribution",
    summary: "Hide a contribution with its evidence",
    description:
      "From all members except its owner and admins, who can read the reason. It accepts no evidence and no votes while it is hidden. Hiding it again replaces the reason. Audited.",
    answers: { 200: Contribution.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/contributions/:contribution_id/unhide": {
    id: "unhideContribution",
    summary: "Unhide a contribution",
    description: UNHIDE,
    answers: { 200: Contribution.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/evidence/:evidence_id/hide": {
    id: "hideEvidence",
    summary: "Hide a piece of evidence",
    description:
      "From all members except its submitter and admins, who can read the reason. It does not count while it is hidden. Hiding it again replaces the reason. Audited.",
    answers: { 200: Evidence.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/evidence/:evidence_id/unhide": {
    id: "unhideEvidence",
    summary: "Unhide a piece of evidence",
    description: UNHIDE,
    answers: { 200: Evidence.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/comments/:comment_id/hide": {
    id: "hideComment",
    summary: "Hide a comment",
    description:
      "From all members except its author and admins, who can read the reason. Hiding it again replaces the reason. Audited.",
    answers: { 200: Comment.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/comments/:comment_id/unhide": {
    id: "unhideComment",
    summary: "Unhide a comment",
    description: UNHIDE,
    answers: { 200: Comment.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
};
