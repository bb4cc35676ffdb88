import { type Operation, page } from "./operation.ts";

const REPORT =
  "Admins see it; whom it is about never learns from whom. One open report of one thing, and at most 20 a day.";
const UNHIDE = "Not by an admin whom the content concerns (403). Audited.";

/** What the document says of reports, hiding and blocks. A part of the list of all operations. */
export const MODERATION_OPERATIONS: Readonly<Record<string, Operation>> = {
  "GET /v1/me/blocks": {
    id: "listBlocks",
    summary: "Whom you have blocked, the latest first",
    description: page,
    answers: { 200: "BlockPage" },
  },
  "PUT /v1/me/blocks/:user_id": {
    id: "blockUser",
    summary: "Block a member",
    description:
      "They can no longer vouch for you, take your tasks, assign theirs to you, add evidence to your contributions or name you as a witness: each is answered 403. Blocking again changes nothing.",
    answers: { 200: "Block" },
    problems: ["NOT_FOUND", "RULE_VIOLATED"],
  },
  "DELETE /v1/me/blocks/:user_id": {
    id: "unblockUser",
    summary: "End a block",
    description: "One that is not there changes nothing.",
    answers: { 204: null },
  },
  "POST /v1/users/:user_id/reports": {
    id: "reportUser",
    summary: "Report a member to the admins",
    description: REPORT,
    answers: { 201: "Report" },
    problems: ["NOT_FOUND", "RULE_VIOLATED", "ALREADY_REPORTED"],
  },
  "POST /v1/tasks/:task_id/reports": {
    id: "reportTask",
    summary: "Report a task to the admins",
    description: REPORT,
    answers: { 201: "Report" },
    problems: ["NOT_FOUND", "RULE_VIOLATED", "ALREADY_REPORTED"],
  },
  "POST /v1/contributions/:contribution_id/reports": {
    id: "reportContribution",
    summary: "Report a contribution to the admins",
    description: REPORT,
    answers: { 201: "Report" },
    problems: ["NOT_FOUND", "RULE_VIOLATED", "ALREADY_REPORTED"],
  },
  "POST /v1/evidence/:evidence_id/reports": {
    id: "reportEvidence",
    summary: "Report a piece of evidence to the admins",
    description: REPORT,
    answers: { 201: "Report" },
    problems: ["NOT_FOUND", "RULE_VIOLATED", "ALREADY_REPORTED"],
  },
  "GET /v1/admin/reports": {
    id: "listReports",
    summary: "Reports of members, the oldest first",
    description: `Open ones unless \`status\` says otherwise; none about the admin who asks. ${page}`,
    answers: { 200: "AdminReportPage" },
    role: "admin",
  },
  "GET /v1/admin/reports/:report_id": {
    id: "getReport",
    summary: "A report",
    description: "One about the admin who asks is answered 404.",
    answers: { 200: "AdminReport" },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/reports/:report_id/resolve": {
    id: "resolveReport",
    summary: "Say what was done about a report",
    description:
      "Does nothing else: hide the content before you call it `hidden`. `include_same_target` ends all open reports of the same thing. Audited.",
    answers: { 200: "AdminReport" },
    problems: ["NOT_FOUND", "RULE_VIOLATED", "ALREADY_RESOLVED"],
    role: "admin",
  },
  "POST /v1/admin/tasks/:task_id/hide": {
    id: "hideTask",
    summary: "Hide a task",
    description:
      "From all members but its creator, its assignee and admins, who read the reason. Nobody can take it or work on it meanwhile. Hiding it again replaces the reason. Audited.",
    answers: { 200: "Task" },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/tasks/:task_id/unhide": {
    id: "unhideTask",
    summary: "Show a hidden task again",
    description: UNHIDE,
    answers: { 200: "Task" },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/contributions/:contribution_id/hide": {
    id: "hideContribution",
    summary: "Hide a contribution with its evidence",
    description:
      "From all members but its owner and admins, who read the reason. It takes no evidence and no votes meanwhile. Hiding it again replaces the reason. Audited.",
    answers: { 200: "Contribution" },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/contributions/:contribution_id/unhide": {
    id: "unhideContribution",
    summary: "Show a hidden contribution again",
    description: UNHIDE,
    answers: { 200: "Contribution" },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/evidence/:evidence_id/hide": {
    id: "hideEvidence",
    summary: "Hide a piece of evidence",
    description:
      "From all members but its submitter and admins, who read the reason. It counts for nothing meanwhile. Hiding it again replaces the reason. Audited.",
    answers: { 200: "Evidence" },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/evidence/:evidence_id/unhide": {
    id: "unhideEvidence",
    summary: "Show a hidden piece of evidence again",
    description: UNHIDE,
    answers: { 200: "Evidence" },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
};
