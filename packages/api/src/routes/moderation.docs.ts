import * as Contribution from "@gotong/core/domain/contribution/schema.ts";
import * as Evidence from "@gotong/core/domain/evidence/schema.ts";
import * as Report from "@gotong/core/domain/report/schema.ts";
import * as Task from "@gotong/core/domain/task/schema.ts";
import { type Operation, page } from "../openapi/operation.ts";

const UNHIDE = "Not by an admin whom the content concerns (403). Audited.";

/** What the document says of these routes: see {@link Operation}. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/admin/reports": {
    id: "listReports",
    summary: "Reports of members, the oldest first",
    description: `Open ones unless \`status\` says otherwise; none about the admin who asks. ${page}`,
    answers: { 200: Report.AdminInfoPage },
    role: "admin",
  },
  "GET /v1/admin/reports/:report_id": {
    id: "getReport",
    summary: "A report",
    description: "One about the admin who asks is answered 404.",
    answers: { 200: Report.AdminInfo },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/reports/:report_id/resolve": {
    id: "resolveReport",
    summary: "Say what was done about a report",
    description:
      "Does nothing else: hide the content before you call it `hidden`. `include_same_target` ends all open reports of the same thing. Audited.",
    answers: { 200: Report.AdminInfo },
    problems: ["NOT_FOUND", "RULE_VIOLATED", "ALREADY_RESOLVED"],
    role: "admin",
  },
  "POST /v1/admin/tasks/:task_id/hide": {
    id: "hideTask",
    summary: "Hide a task",
    description:
      "From all members but its creator, its assignee and admins, who read the reason. Nobody can take it or work on it meanwhile. Hiding it again replaces the reason. Audited.",
    answers: { 200: Task.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/tasks/:task_id/unhide": {
    id: "unhideTask",
    summary: "Show a hidden task again",
    description: UNHIDE,
    answers: { 200: Task.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/contributions/:contribution_id/hide": {
    id: "hideContribution",
    summary: "Hide a contribution with its evidence",
    description:
      "From all members but its owner and admins, who read the reason. It takes no evidence and no votes meanwhile. Hiding it again replaces the reason. Audited.",
    answers: { 200: Contribution.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/contributions/:contribution_id/unhide": {
    id: "unhideContribution",
    summary: "Show a hidden contribution again",
    description: UNHIDE,
    answers: { 200: Contribution.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/evidence/:evidence_id/hide": {
    id: "hideEvidence",
    summary: "Hide a piece of evidence",
    description:
      "From all members but its submitter and admins, who read the reason. It counts for nothing meanwhile. Hiding it again replaces the reason. Audited.",
    answers: { 200: Evidence.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/evidence/:evidence_id/unhide": {
    id: "unhideEvidence",
    summary: "Show a hidden piece of evidence again",
    description: UNHIDE,
    answers: { 200: Evidence.Info },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
};
